"""Sign-in with Bungie: as a new user, as a known one, or to connect the account of the user who is signed in."""

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import security_log, sign_in_errors
from accounts.bungie import PROVIDER, BungieGrant
from accounts.models import User
from accounts.services import get_or_create_bungie_user
from accounts.signals import bungie_connected


class BelongsToSomebodyElse(Exception):
    """The Bungie account is connected with another user of this site."""


class HasAnother(Exception):
    """The user has connected another Bungie account."""


def identify(request: HttpRequest, login: Any) -> None:
    """Give the login its user, who is created at the first sign-in; or connect the account, and end the sign-in."""
    if login.state.get("process") == AuthProcess.CONNECT:
        _connect(request, login)
    if not login.is_existing:
        grant: BungieGrant = login.bungie_grant
        login.user, login.account = get_or_create_bungie_user(bungie_id=grant.bungie_id, name=grant.name)


def _connect(request: HttpRequest, login: Any) -> NoReturn:
    """Connect the Bungie account with the signed-in user. Raises ImmediateHttpResponse with the next page."""
    if not isinstance(request.user, User):
        # The session ended meanwhile.
        raise ImmediateHttpResponse(sign_in_errors.refuse(request, sign_in_errors.STALE, "Bungie"))
    try:
        connect(user=request.user, grant=login.bungie_grant, request=request)
    except BelongsToSomebodyElse:
        text = _(
            "This Bungie account is connected with another account of this site. Sign in with Bungie, disconnect it or "
            "delete that account, then connect it here."
        )
        messages.error(request, text)
    except HasAnother:
        messages.error(request, _("You have connected another Bungie account. Disconnect it first."))
    else:
        messages.success(request, _("Bungie account connected."))
    raise ImmediateHttpResponse(redirect("account_bungie"))


@transaction.atomic
def connect(*, user: User, grant: BungieGrant, request: HttpRequest | None = None) -> None:
    """Connect a Bungie account, or store the new tokens of the connected one.

    Raises BelongsToSomebodyElse and HasAnother.
    """
    # Two browsers of the same user, one after the other.
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if SocialAccount.objects.filter(provider=PROVIDER, user=user).exclude(uid=str(grant.bungie_id)).exists():
        raise HasAnother
    account, is_new = SocialAccount.objects.get_or_create(
        provider=PROVIDER, uid=str(grant.bungie_id), defaults={"user": user, "extra_data": {"name": grant.name}}
    )
    if account.user_id != user.pk:
        raise BelongsToSomebodyElse
    if is_new:
        security_log.record(security_log.Event.BUNGIE_CONNECTED, request=request, user=user, actor=user)
    bungie_connected.send(sender=User, user=user, grant=grant)
