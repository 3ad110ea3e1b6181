"""Access tokens of Bungie accounts: refreshed by one process at a time, since a refresh token works only once.

The right to refresh is a lease in the account's row, so no transaction is open during the request. A process that is
killed between Bungie's answer and the one statement that saves it loses the tokens: the player has to connect the
account again. Nothing but parsing and encrypting happens in between, and the statement is repeated for some seconds if
the database does not answer (docs/decisions).
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar, cast
from uuid import UUID, uuid4

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.tokens import EncryptedTokenField
from destiny.models import BungieAccount
from sync.bungie.client import TOKEN, BungieClient
from sync.bungie.errors import ConnectAgain
from sync.bungie.payloads import Tokens
from sync.engine.errors import ApiError, Postponed, TokenExpired

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Longer than a request takes with five slots of at most 30 s, and five answers of at most 60 s that say 429.
CLAIM_LASTS = timedelta(minutes=8)
# How often, and after how many seconds, new tokens are saved again while the database does not answer.
MOST_SAVES = 10
PAUSE_BETWEEN_SAVES = 0.5


class TokenBusy(Postponed):
    """Another process is refreshing the tokens; they are there in a moment."""

    kind = "token_busy"
    retry_after = 2.0


def with_token(account_id: UUID, client: BungieClient, ask: Callable[[str], T]) -> T:
    """Return what `ask` returns for the player's access token; once more with a new one if Bungie refuses it.

    Raises ConnectAgain if only the player can help, TokenBusy, and every other ApiError as it comes.
    """
    token = fresh_token(account_id, client)
    try:
        return ask(token)
    except TokenExpired:
        return ask(fresh_token(account_id, client, instead_of=token))


def fresh_token(account_id: UUID, client: BungieClient, *, instead_of: str = "", ahead: timedelta | None = None) -> str:
    """Return an access token that works for some minutes, refreshed if necessary.

    A token `instead_of` which another one is needed is refreshed, unless somebody has done so; and one that expires
    within `ahead`. Raises ConnectAgain, TokenBusy, and the errors of the request, after which the tokens are the same.
    """
    claim = uuid4()
    account = _claim(account_id, claim, instead_of, ahead or timedelta(0))
    if account.refresh_claim != claim:
        if account.access_token is None:
            raise ConnectAgain(TOKEN, detail="there is no valid refresh token")
        return str(account.access_token)
    try:
        tokens = client.refreshed_tokens(str(account.refresh_token), person=str(account_id))
    except ConnectAgain:
        _discard(account)
        raise
    except ApiError:
        BungieAccount.objects.filter(pk=account_id, refresh_claim=claim).update(refresh_claim=None)
        raise
    _save(account, tokens)
    return tokens.access_token


@transaction.atomic
def _claim(account_id: UUID, claim: UUID, instead_of: str, ahead: timedelta) -> BungieAccount:
    """Return the account: with the claim, with an access token that is good, or with neither if there is none to get.

    Raises TokenBusy, and ConnectAgain if the account was disconnected.
    """
    now = timezone.now()
    account = BungieAccount.objects.select_for_update(of=("self",)).filter(pk=account_id).first()
    if account is None:
        raise ConnectAgain(TOKEN, detail="the account was disconnected")
    is_refreshed = bool(instead_of) and account.access_token != instead_of
    expires_early = account.expires_at is None or account.expires_at <= now + ahead
    if account.has_fresh_token and (is_refreshed or not (instead_of or expires_early)):
        account.refresh_claim = None
        return account
    if account.refresh_claim is not None and account.refresh_claimed_until and account.refresh_claimed_until > now:
        raise TokenBusy(TOKEN)
    if not account.can_refresh:
        if account.lost_tokens_at is None:
            BungieAccount.objects.filter(pk=account_id).update(lost_tokens_at=now)
        account.access_token = account.refresh_claim = None
        return account
    account.refresh_claim, account.refresh_claimed_until = claim, now + CLAIM_LASTS
    account.save(update_fields=("refresh_claim", "refresh_claimed_until"))
    return account


def _discard(account: BungieAccount) -> None:
    """Delete tokens that Bungie no longer accepts, unless newer ones were stored meanwhile."""
    _unchanged(account).update(
        access_token=None,
        refresh_token=None,
        expires_at=None,
        refresh_expires_at=None,
        lost_tokens_at=timezone.now(),
        refresh_claim=None,
    )


def _unchanged(account: BungieAccount) -> "QuerySet[BungieAccount]":
    """Return the row while it has the tokens that were sent: neither connected again nor disconnected since.

    Whoever holds the claim now does not matter: with the same tokens, nobody can have newer ones.
    """
    return BungieAccount.objects.filter(pk=account.pk, refreshed_at=account.refreshed_at)


def _save(account: BungieAccount, tokens: Tokens) -> None:
    """Store new tokens in one statement, unless the account was disconnected or connected again meanwhile."""
    now = timezone.now()
    values = {
        "access_token": _encrypted(account, "access_token", tokens.access_token),
        "refresh_token": _encrypted(account, "refresh_token", tokens.refresh_token),
        "expires_at": now + timedelta(seconds=tokens.expires_in),
        "refresh_expires_at": now + timedelta(seconds=tokens.refresh_expires_in),
        "refreshed_at": now,
        "lost_tokens_at": None,
        "refresh_claim": None,
    }
    for attempt in range(1, MOST_SAVES + 1):
        try:
            _unchanged(account).update(**values)
        except OperationalError:
            if attempt == MOST_SAVES or connection.in_atomic_block:
                raise
            logger.warning("New tokens of a Bungie account could not be saved yet.")
            connection.close_if_unusable_or_obsolete()
            time.sleep(PAUSE_BETWEEN_SAVES)
        else:
            return


def _encrypted(account: BungieAccount, name: str, token: str) -> bytes | None:
    field = cast(EncryptedTokenField, account._meta.get_field(name))
    return cast(bytes, field.encrypt_for(token, account)) if token else None
