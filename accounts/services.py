"""Writes of users, tokens, sessions and site admins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts import security_log
from accounts.models import BattlenetToken, BrowserSession, User
from accounts.security_log import Event


def get_or_create_user(*, battlenet_id: int, battletag: str) -> User:
    """Return the user with this Battle.net id, created at the first sign-in."""
    return User.objects.get_or_create(battlenet_id=battlenet_id, defaults={"battletag": battletag})[0]


def get_or_create_bungie_user(*, bungie_id: int, name: str) -> tuple[User, SocialAccount]:
    """Return the user who signs in with this Bungie account, created at the first sign-in, and the account."""
    known = SocialAccount.objects.select_related("user").filter(provider="bungie", uid=str(bungie_id))
    if (account := known.first()) is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(None, name or f"#{bungie_id}")
                extra = {"name": name}
                account = SocialAccount.objects.create(
                    provider="bungie", uid=str(bungie_id), user=user, extra_data=extra
                )
        except IntegrityError:
            # The same sign-in in another browser.
            account = known.get()
    return account.user, account


def update_battletag(*, user: User, battletag: str) -> None:
    """Store the current BattleTag; an empty one changes nothing."""
    if battletag and battletag != user.battletag:
        user.battletag = battletag
        user.save(update_fields=("battletag", "updated_at"))


def store_token(
    *, user: User, access_token: str, refresh_token: str | None, expires_at: datetime, scopes: list[str]
) -> BattlenetToken:
    """Replace the user's token by the one of this sign-in."""
    token, _ = BattlenetToken.objects.update_or_create(
        user=user,
        defaults={
            "access_token": access_token,
            "refresh_token": refresh_token or None,
            "expires_at": expires_at,
            "scopes": sorted(set(scopes)),
        },
    )
    return token


def discard_token(*, token: BattlenetToken) -> None:
    """Delete a token that Battle.net no longer accepts, unless a newer sign-in has replaced it meanwhile."""
    BattlenetToken.objects.filter(pk=token.pk, updated_at=token.updated_at).delete()


@transaction.atomic
def grant_admin(*, battletag: str) -> User:
    """Make the user a site admin.

    Raises User.DoesNotExist if nobody with this BattleTag has signed in with Battle.net, and
    User.MultipleObjectsReturned if two users have it (one of them under an old name). Bungie names are no BattleTags:
    everybody can choose them.
    """
    with_battlenet = User.objects.select_for_update().exclude(battlenet_id=None)
    user = with_battlenet.get(battletag__iexact=battletag)
    user.is_staff = True
    user.is_superuser = True
    user.save(update_fields=("is_staff", "is_superuser", "updated_at"))
    security_log.record(Event.ADMIN_GRANTED, user=user, flags=["is_staff", "is_superuser"], by="command")
    return user


@transaction.atomic
def record_changed_access(*, user: User, actor: User, changed: Mapping[str, Any]) -> None:
    """Record what a site admin changed in a user's access; `changed` maps the changed fields to their new values."""
    for name, value in changed.items():
        if name in ("is_staff", "is_superuser"):
            event = Event.ADMIN_GRANTED if value else Event.ADMIN_REVOKED
            security_log.record(event, user=user, actor=actor, flags=[name])
        elif name == "is_active":
            event = Event.ACCOUNT_REOPENED if value else Event.ACCOUNT_CLOSED
            security_log.record(event, user=user, actor=actor)
        elif name == "groups":
            security_log.record(
                Event.RIGHTS_CHANGED, user=user, actor=actor, what="groups", after=sorted(one.name for one in value)
            )


@transaction.atomic
def end_session(*, user: User, public_id: UUID) -> bool:
    """End one of the user's sessions. Returns False if there is none with this id."""
    if not BrowserSession.objects.filter(user=user, public_id=public_id).delete()[0]:
        return False
    security_log.record(Event.SESSIONS_ENDED, user=user, actor=user, sessions=1)
    return True


@transaction.atomic
def end_sessions(*, user: User) -> int:
    """End all of the user's sessions. Returns how many."""
    count = BrowserSession.objects.filter(user=user).delete()[0]
    security_log.record(Event.SESSIONS_ENDED, user=user, actor=user, sessions=count)
    return count
