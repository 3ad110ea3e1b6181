"""Adding Battle.net to a user who began with Bungie. Accounts are never merged."""

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import security_log, sign_in_errors
from accounts.models import User
from accounts.signals import signed_in


class BelongsToSomebodyElse(Exception):
    """The Battle.net account has an account of its own on this site."""


class HasAnother(Exception):
    """The user signs in with another Battle.net account already."""


def connect(request: HttpRequest, login: Any, store_token: Any) -> NoReturn:
    """Connect the login's Battle.net account with the signed-in user, and end the sign-in.

    `store_token` stores the login's token of the user. Raises ImmediateHttpResponse with the next page.
    """
    user = request.user
    if not isinstance(user, User):
        # The session ended meanwhile.
        raise ImmediateHttpResponse(sign_in_errors.refuse(request, sign_in_errors.STALE))
    try:
        add_battlenet(user=user, battlenet_id=int(login.account.uid), extra_data=login.account.extra_data)
    except (BelongsToSomebodyElse, IntegrityError):
        # Or its first sign-in was in another browser at the same moment.
        text = _(
            "This Battle.net account has an account of its own on this site, and accounts can't be merged. Delete one "
            "of them, then connect the other game with the one that you keep."
        )
        messages.error(request, text)
        raise ImmediateHttpResponse(redirect("account")) from None
    except HasAnother:
        messages.error(request, _("You sign in with another Battle.net account already."))
        raise ImmediateHttpResponse(redirect("account")) from None
    store_token(user, login)
    signed_in.send(sender=User, user=user, request=request)
    messages.success(request, _("Battle.net account connected."))
    raise ImmediateHttpResponse(redirect("characters:mine"))


@transaction.atomic
def add_battlenet(*, user: User, battlenet_id: int, extra_data: dict[str, Any]) -> None:
    """Let the user sign in with this Battle.net account, too; it gives the user its BattleTag.

    Raises BelongsToSomebodyElse and HasAnother.
    """
    # Two browsers of the same user, one after the other.
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if locked.battlenet_id not in (None, battlenet_id):
        raise HasAnother
    if User.objects.filter(battlenet_id=battlenet_id).exclude(pk=user.pk).exists():
        raise BelongsToSomebodyElse
    SocialAccount.objects.update_or_create(
        provider="battlenet", uid=str(battlenet_id), defaults={"user": locked, "extra_data": extra_data}
    )
    if locked.battlenet_id is None:
        locked.battlenet_id = user.battlenet_id = battlenet_id
        locked.battletag = user.battletag = str(extra_data.get("battletag") or f"#{battlenet_id}")
        locked.save(update_fields=("battlenet_id", "battletag", "updated_at"))
        security_log.record(security_log.Event.BATTLENET_CONNECTED, user=locked, actor=locked)
