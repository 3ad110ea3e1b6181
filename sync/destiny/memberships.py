"""Destiny memberships of a Bungie account: fetched from Bungie, and written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.models import BungieAccount, DestinyMembership
from sync.bungie.client import BungieClient
from sync.bungie.payloads import Card, LinkedProfile, Memberships
from sync.destiny.tokens import with_token
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import BadPayload

# A membership that Bungie no longer lists is kept this long: it may have moved to another Bungie account, or come back.
UNLINKED_KEPT = timedelta(days=30)
BUNGIE_NET = 254
COLUMNS = ("account", "membership_type", "name", "platform_name", "cross_save_override", "is_primary", "unlinked_at")


@dataclass(frozen=True, slots=True)
class FetchedMemberships:
    """A person's memberships, and when each was played, as far as Bungie could tell."""

    memberships: Memberships
    profiles: dict[int, LinkedProfile]


def fetch(account: BungieAccount, client: BungieClient) -> FetchedMemberships:
    """Send the two requests. Raises ApiError."""
    person = str(account.pk)
    memberships = with_token(account.pk, client, lambda token: client.memberships(token=token, person=person))
    if memberships.bungie_id != account.bungie_id:
        raise BadPayload("/User/GetMembershipsForCurrentUser/", detail="the account of somebody else")
    if not memberships.cards:
        return FetchedMemberships(memberships, {})
    linked = with_token(
        account.pk,
        client,
        lambda token: client.linked_profiles(BUNGIE_NET, account.bungie_id, token=token, person=person),
    )
    return FetchedMemberships(memberships, {one.card.membership_id: one for one in linked.profiles})


@transaction.atomic
def apply(account_id: UUID, fetched: FetchedMemberships, claim: Claim) -> None:
    """Write the memberships, and that the job is done. Those that Bungie could not read now stay as they are."""
    # Before the job: disconnecting the account locks it first, and then deletes its jobs.
    account = BungieAccount.objects.select_for_update(of=("self",)).filter(pk=account_id).first()
    claim.ensure_held()
    if account is None:
        return
    now, known = timezone.now(), {one.membership_id: one for one in account.memberships.all()}
    rows = [_row(account, card, fetched, known.get(card.membership_id)) for card in fetched.memberships.cards]
    changed = [one for one in rows if _differs(one, known.get(one.membership_id))]
    DestinyMembership.objects.bulk_create(
        changed,
        update_conflicts=True,
        # One that moved here from another Bungie account.
        unique_fields=("membership_id",),
        update_fields=(*COLUMNS, "last_played_at", "updated_at"),
    )
    # A list with malformed entries does not prove that the others are gone.
    gone = [] if fetched.memberships.cards.unreadable else _missing(known, rows)
    DestinyMembership.objects.filter(pk__in=gone, unlinked_at=None).update(unlinked_at=now)
    account.memberships.filter(unlinked_at__lte=now - UNLINKED_KEPT).delete()
    if fetched.memberships.name and fetched.memberships.name != account.name:
        BungieAccount.objects.filter(pk=account.pk).update(name=fetched.memberships.name)
    transitions.succeed(
        claim.jobs,
        claim=claim,
        changed=bool(changed or gone),
        unreadable_entries=fetched.memberships.cards.unreadable,
    )


def _row(
    account: BungieAccount, card: Card, fetched: FetchedMemberships, known: DestinyMembership | None
) -> DestinyMembership:
    profile = fetched.profiles.get(card.membership_id)
    return DestinyMembership(
        account=account,
        membership_id=card.membership_id,
        membership_type=card.membership_type,
        name=card.name or fetched.memberships.name,
        platform_name=card.platform_name,
        cross_save_override=card.cross_save_override,
        is_primary=card.membership_id == fetched.memberships.primary_id,
        # During an outage, profiles are among the errors: what was known of them stays.
        last_played_at=_latest(profile, known),
    )


def _latest(profile: LinkedProfile | None, known: DestinyMembership | None) -> datetime | None:
    times = [profile.last_played_at if profile else None, known.last_played_at if known else None]
    return max((one for one in times if one is not None), default=None)


def _differs(row: DestinyMembership, known: DestinyMembership | None) -> bool:
    if known is None:
        return True
    names = ("membership_type", "name", "platform_name", "cross_save_override", "is_primary", "last_played_at")
    return known.unlinked_at is not None or any(getattr(row, name) != getattr(known, name) for name in names)


def _missing(known: dict[int, DestinyMembership], rows: list[DestinyMembership]) -> list[UUID]:
    listed = {one.membership_id for one in rows}
    return [one.pk for one in known.values() if one.membership_id not in listed and one.unlinked_at is None]
