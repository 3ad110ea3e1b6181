"""The account page with a player's tokens."""

from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.reauthentication import RECENT, is_recently_authenticated
from accounts.signed_in import SignedInRequest, signed_in
from api.areas import areas
from api.forms import PersonalTokenForm
from api.models import ApiToken
from api.tokens import make_token, revoke_token


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tokens(request: SignedInRequest) -> HttpResponse:
    """List the player's tokens; a POST after a recent sign-in makes one and shows it this once."""
    person, made = request.user, ""
    is_recent, is_sent = is_recently_authenticated(request.session), request.method == "POST"
    form = PersonalTokenForm(request.POST if is_sent and is_recent else None, person=person)
    if form.is_valid():
        terms = {name: form.cleaned_data[name] for name in ("name", "permissions")}
        try:
            made = make_token(person=person, guild_ids=form.guild_ids, lifetime=form.lifetime, **terms)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form = PersonalTokenForm(None, person=person)
    context = {
        "tokens": _described(person),
        "form": form,
        "made": made,
        "is_recent": is_recent,
        "minutes": RECENT // timedelta(minutes=1),
    }
    status = HTTPStatus.FORBIDDEN if is_sent and not is_recent else HTTPStatus.OK
    return render(request, "api/tokens.html", context, status=status)


@require_POST
@signed_in
def revoke(request: SignedInRequest, token_id: UUID) -> HttpResponse:
    """Revoke one of the player's tokens."""
    if not revoke_token(person=request.user, token_id=token_id):
        raise Http404
    messages.success(request, _("Token revoked."))
    return redirect("account_tokens")


def _described(person: User) -> Iterable[tuple[ApiToken, str, str]]:
    """Return each token with its permissions and guilds in words; a guild that the player left has no name."""
    labels = {name: str(label) for area in areas() for name, label in area.permissions.items()}
    names = {pk: name for area in areas() for pk, name in area.guilds(person)}
    return [
        (
            one,
            ", ".join(label for name, label in labels.items() if name in one.permissions),
            ", ".join(names.get(pk, _("a guild that you left")) for pk in one.guild_ids),
        )
        for one in ApiToken.objects.filter(person=person).order_by("-created_at")
    ]
