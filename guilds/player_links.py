"""Links between players and characters, and when they give permissions in a guild.

Battle.net lists a character twice: in its owner's account and in its guild's roster. The link gives permissions only
while both list the same id, and only for some time after the account did: someone who sold a character, or lost its
name to someone else, does not keep them for long.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, TextChoices, Value
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# How long before a link expires the pages ask for a new sign-in.
WARNING = timedelta(days=7)


class LinkState(TextChoices):
    """The states of a link: confirmed, or the reason why it gives no permissions."""

    CONFIRMED = "CONFIRMED", _("confirmed")
    # The account lists an id that the guild's last roster doesn't, for example after a faction change.
    AWAITS_ROSTER = "AWAITS_ROSTER", _("waiting for the next roster")
    # The roster lists an id that the account hasn't listed yet.
    AWAITS_SIGN_IN = "AWAITS_SIGN_IN", _("waiting for your next sign-in")
    EXPIRED = "EXPIRED", _("your last sign-in is too long ago")


def gives_rights(now: datetime | None = None) -> Q:
    """Return the rule as a filter of memberships."""
    return Q(
        character__user__isnull=False,
        character__account_blizzard_id=F("roster_blizzard_id"),
        character__owner_confirmed_at__gte=ExpressionWrapper(
            Value(now or timezone.now(), DateTimeField())
            - ExpressionWrapper(
                Least(F("guild__link_days"), Value(settings.LINK_DAYS_MAX)) * Value(timedelta(days=1)),
                DurationField(),
            ),
            DateTimeField(),
        ),
    )


def link_state(
    *,
    account_id: int | None,
    roster_id: int | None,
    character_id: int,
    expires_at: datetime | None,
    now: datetime | None = None,
) -> LinkState:
    """Return the same rule's result for one membership; `character_id` is the last known id, from any source."""
    if expires_at is None or expires_at < (now or timezone.now()):
        return LinkState.EXPIRED
    if account_id is not None and account_id == roster_id:
        return LinkState.CONFIRMED
    return LinkState.AWAITS_ROSTER if account_id == character_id else LinkState.AWAITS_SIGN_IN


def link_lifetime(link_days: int) -> timedelta:
    """Return how long a link gives permissions in a guild with this setting."""
    return timedelta(days=min(link_days, settings.LINK_DAYS_MAX))


def link_expiry(confirmed_at: datetime | None, link_days: int) -> datetime | None:
    """Return when a link expires whose owner's account last listed the character at `confirmed_at`."""
    return confirmed_at and confirmed_at + link_lifetime(link_days)


def expires_soon(expires_at: datetime | None, now: datetime | None = None) -> bool:
    """Return whether it is time to ask for a new sign-in."""
    return expires_at is not None and expires_at - WARNING <= (now or timezone.now())
