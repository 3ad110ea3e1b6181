"""When the link between a player and a character gives rights in a guild.

Battle.net names a character twice: in its owner's account and in its guild's roster. The link gives rights only while
both name the same id, and only for a while after the account did: whoever sold a character, or lost its name to a
stranger, has none for long.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, TextChoices, Value
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# So long before a link expires the pages ask for a new sign-in.
WARNING = timedelta(days=7)


class LinkState(TextChoices):
    """What a link is worth, and if it gives no rights, what it waits for."""

    CONFIRMED = "CONFIRMED", _("confirmed")
    # The account lists an id that the guild's last roster does not: after a faction change, say.
    AWAITS_ROSTER = "AWAITS_ROSTER", _("waiting for the next roster")
    # The roster lists an id that the account has not listed yet.
    AWAITS_SIGN_IN = "AWAITS_SIGN_IN", _("waiting for your next sign-in")
    EXPIRED = "EXPIRED", _("your last sign-in is too long ago")


def gives_rights(now: datetime | None = None) -> Q:
    """The rule, as a filter of memberships."""
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
    """The same rule for one membership. `character_id` is the id that we last learned, from wherever."""
    if expires_at is None or expires_at < (now or timezone.now()):
        return LinkState.EXPIRED
    if account_id is not None and account_id == roster_id:
        return LinkState.CONFIRMED
    return LinkState.AWAITS_ROSTER if account_id == character_id else LinkState.AWAITS_SIGN_IN


def link_lifetime(link_days: int) -> timedelta:
    """For how long a link gives rights in a guild with this setting."""
    return timedelta(days=min(link_days, settings.LINK_DAYS_MAX))


def link_expiry(confirmed_at: datetime | None, link_days: int) -> datetime | None:
    """Until when a link gives rights whose owner's account last listed the character at `confirmed_at`."""
    return confirmed_at and confirmed_at + link_lifetime(link_days)


def expires_soon(expires_at: datetime | None, now: datetime | None = None) -> bool:
    """Whether it is time to ask for a new sign-in."""
    return expires_at is not None and expires_at - WARNING <= (now or timezone.now())
