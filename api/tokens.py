"""Making, finding and revoking tokens."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import security_log
from accounts.models import User
from api.models import ApiToken

# How tokens begin, so that people and scanners for leaked secrets recognize them. The logs leave them out.
PERSONAL, EXPORT = "gsp_", "gse_"
TOKEN_BYTES = 32
PREFIX_LENGTH = 8
MOST_TOKENS = 20
LONGEST_LIFE = timedelta(days=365)
# How often the last use is saved.
RECORDED_EVERY = timedelta(minutes=5)


@transaction.atomic
def make_token(
    *,
    person: User,
    name: str,
    permissions: Collection[str],
    guild_ids: Collection[UUID],
    lifetime: timedelta,
    export: str = "",
    query: str = "",
) -> str:
    """Make a token and return it; it can't be read again. With `export`, it reads that one file and nothing else.

    Raises ValidationError if the player has too many tokens.
    """
    User.objects.select_for_update().get(pk=person.pk)
    if ApiToken.objects.filter(person=person).count() >= MOST_TOKENS:
        raise ValidationError(_("You have %(count)d tokens already. Revoke one first.") % {"count": MOST_TOKENS})
    token = f"{EXPORT if export else PERSONAL}{secrets.token_urlsafe(TOKEN_BYTES)}"
    row = ApiToken.objects.create(
        person=person,
        name=name,
        token_hash=hash_of(token),
        prefix=token[:PREFIX_LENGTH],
        permissions=sorted(permissions),
        guild_ids=list(guild_ids),
        export=export,
        query=query,
        expires_at=timezone.now() + min(lifetime, LONGEST_LIFE),
    )
    _log(security_log.Event.TOKEN_MADE, row)
    return token


@transaction.atomic
def revoke_token(*, person: User, token_id: UUID) -> bool:
    """Delete one of the player's tokens. Returns False if there is none with this id."""
    row = ApiToken.objects.select_for_update().filter(person=person, pk=token_id).first()
    if row is None:
        return False
    _log(security_log.Event.TOKEN_REVOKED, row)
    row.delete()
    return True


def usable_token(token: str, *, export: str = "") -> ApiToken | None:
    """Return the row of a token that works now, as a personal token or for this one file; its player is limited to it.

    The token is looked up by its hash, so the time that this takes says nothing about other tokens.
    """
    rows = ApiToken.objects.select_related("person").filter(expires_at__gt=timezone.now(), person__is_active=True)
    row = rows.filter(token_hash=hash_of(token), export=export).first()
    if row is not None:
        row.person.rights_limit = row.allows
        _record_use(row)
    return row


def delete_expired_tokens() -> int:
    """Delete expired tokens. Returns how many."""
    return ApiToken.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def hash_of(token: str) -> str:
    """Return what is stored of a token. It is random and long, so it needs neither salt nor a slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _record_use(row: ApiToken) -> None:
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - RECORDED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)


def _log(event: security_log.Event, row: ApiToken) -> None:
    who = row.person
    security_log.record(event, user=who, actor=who, token=str(row.pk), permissions=row.permissions, export=row.export)
