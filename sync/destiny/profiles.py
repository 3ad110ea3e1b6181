"""Profiles: the characters and items of a membership, fetched in one request and written in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.models import BungieAccount, DestinyMembership, DestinyProfile, Guardian, Item
from sync.bungie import profile as payload
from sync.bungie.client import BungieClient
from sync.bungie.components import Shown
from sync.bungie.profile import Profile
from sync.destiny.inventory import WRITE_LAG, compare
from sync.destiny.tokens import with_token
from sync.engine import transitions
from sync.engine.bulk import Change, Columns, diff, update_row, update_rows
from sync.engine.claims import Claim

# Bungie keeps an answer for up to a minute, so an earlier one would be the same.
SECOND_ANSWER = timedelta(minutes=2)
LARGEST_CLOCK_DIFFERENCE = timedelta(minutes=5)
DOUBTFUL = "doubtful"
PARTS = ("guardians", "vault", "currencies", "carried", "equipped", "loadouts", "activities")


def fetch(membership: DestinyMembership, client: BungieClient) -> Profile:
    """Send the request, with the owner's token. Raises ApiError."""
    where = (membership.membership_type, membership.membership_id)
    person = str(membership.account_id)
    return with_token(membership.account_id, client, lambda token: client.profile(*where, token=token, person=person))


@transaction.atomic
def apply(membership_id: UUID, answer: Profile, claim: Claim) -> None:
    """Write an answer that is newer than the last one, and that the job is done.

    Of what most has disappeared stays until a second answer confirms it; the job asks for that soon.
    """
    # Before the job: whoever disconnects the account locks it first, and deletes its jobs then.
    list(BungieAccount.objects.select_for_update(of=("self",)).filter(memberships=membership_id).values_list("pk"))
    claim.ensure_held()
    membership = DestinyMembership.objects.filter(pk=membership_id).first()
    if membership is None:
        return
    profile = lock_profile(membership)
    minted_at = _minted_at(answer)
    if profile.minted_at is not None and minted_at <= profile.minted_at:
        # Bungie's servers keep answers, and one of them can be behind.
        transitions.succeed(claim.jobs, claim=claim, changed=False)
        return
    written = _write(membership, answer, _confirmed(profile, minted_at))
    doubts = {name: profile.doubts.get(name, minted_at.isoformat()) for name in sorted(written.doubted)}
    update_row(profile, {"minted_at": minted_at, "hidden": _hidden(answer), "doubts": doubts})
    if answer.last_played_at is not None and answer.last_played_at != membership.last_played_at:
        update_row(membership, {"last_played_at": answer.last_played_at})
    _note(claim, written, answer.unreadable)


def _minted_at(answer: Profile) -> datetime:
    """Return when the answer was made. One from the future would make all that follow look stale."""
    latest = timezone.now() + LARGEST_CLOCK_DIFFERENCE
    return min(answer.minted_at or timezone.now(), latest)


def lock_profile(membership: DestinyMembership) -> DestinyProfile:
    """Return the membership's profile, locked: whoever writes its guardians or items locks it first."""
    DestinyProfile.objects.bulk_create([DestinyProfile(membership=membership)], ignore_conflicts=True)
    return DestinyProfile.objects.select_for_update(of=("self",)).get(membership=membership)


def _confirmed(profile: DestinyProfile, minted_at: datetime) -> frozenset[str]:
    """Return the parts of which an answer long enough ago already said that most is missing."""
    since = {name: datetime.fromisoformat(text) for name, text in profile.doubts.items()}
    return frozenset(name for name, first in since.items() if minted_at - first >= SECOND_ANSWER)


@dataclass(frozen=True, slots=True)
class Written:
    """Whether something was written, and of which parts too much had disappeared to believe it."""

    changed: bool
    doubted: frozenset[str]


def _write(membership: DestinyMembership, answer: Profile, confirmed: frozenset[str]) -> Written:
    guardians, is_changed, doubted = _write_guardians(membership, answer, confirmed)
    stored = list(Item.objects.filter(membership=membership).order_by("created_at", "pk"))
    found = compare(stored, answer, guardians, confirmed=confirmed)
    for one in found.added:
        one.membership = membership
    Item.objects.filter(pk__in=found.gone).delete()
    update_rows(found.changed)
    Item.objects.bulk_create(found.added)
    return Written(
        changed=bool(is_changed or found.added or found.changed or found.gone), doubted=doubted | found.doubted
    )


def _write_guardians(
    membership: DestinyMembership, answer: Profile, confirmed: frozenset[str]
) -> tuple[Mapping[int, Guardian], bool, frozenset[str]]:
    """Write the characters; returns ours by their id, whether one changed, and whether a missing one is doubted."""
    stored = {one.character_id: one for one in membership.guardians.all()}
    if not answer.guardians.has_data:
        return stored, False, frozenset()
    changes: list[Change[Guardian]] = []
    added: list[Guardian] = []
    for listed in answer.guardians.data.values():
        row = stored.get(listed.id)
        columns = {**_guardian_columns(listed, answer), **_loadout_columns(listed, row, answer)}
        if row is None:
            added.append(Guardian(membership=membership, character_id=listed.id, **columns))
        elif differing := diff(row, columns):
            changes.append(Change(row, differing))
    update_rows(changes)
    Guardian.objects.bulk_create(added)
    gone = [one for one in stored.values() if one.character_id not in answer.guardians.data]
    is_doubted = bool(gone) and "guardians" not in confirmed
    if gone and not is_doubted:
        Guardian.objects.filter(pk__in=[one.pk for one in gone]).delete()
        stored = {one.character_id: one for one in stored.values() if one not in gone}
    guardians = stored | {one.character_id: one for one in added}
    changed = bool(changes or added or (gone and not is_doubted))
    return guardians, changed, frozenset({"guardians"} if is_doubted else ())


def _guardian_columns(listed: payload.Guardian, answer: Profile) -> Columns:
    """Return what the answer says of a character; what came without data is left alone."""
    columns: dict[str, Any] = {
        "class_type": listed.class_type,
        "race_type": listed.race_type,
        "gender_type": listed.gender_type,
        "light": listed.light,
        "stats": dict(listed.stats),
        "emblem_hash": listed.emblem_hash,
        "emblem_path": listed.emblem_path,
        "background_path": listed.background_path,
        "title_hash": listed.title_hash,
        "minutes_played": listed.minutes_played,
        "last_played_at": listed.last_played_at,
    }
    if (activity := answer.activities.data.get(listed.id)) is not None:
        columns |= {"activity_hash": activity.hash, "activity_started_at": activity.started_at}
    return columns


def _loadout_columns(listed: payload.Guardian, row: Guardian | None, answer: Profile) -> Columns:
    """Return the game's loadouts; nothing while the answer can be from before an action of ours."""
    loadouts = answer.loadouts.data.get(listed.id)
    if loadouts is None or (row is not None and _is_from_before(row, answer)):
        return {}
    return {"loadouts": [_loadout(one) for one in loadouts], "loadouts_written_at": None}


def _is_from_before(row: Guardian, answer: Profile) -> bool:
    written_at = row.loadouts_written_at
    return written_at is not None and (answer.minted_at or timezone.now()) < written_at + WRITE_LAG


def _loadout(loadout: payload.Loadout) -> dict[str, Any] | None:
    if loadout.is_empty:
        return None
    return {
        "name": loadout.name_hash,
        "icon": loadout.icon_hash,
        "color": loadout.color_hash,
        "items": [[one.instance_id, list(one.plugs)] for one in loadout.items if one.instance_id],
    }


def _hidden(answer: Profile) -> dict[str, str]:
    shown = {name: getattr(answer, name).shown for name in PARTS}
    return {name: why.value for name, why in shown.items() if why is not Shown.YES}


def _note(claim: Claim, written: Written, unreadable: int) -> None:
    if not written.doubted:
        transitions.succeed(claim.jobs, claim=claim, changed=written.changed, unreadable_entries=unreadable)
        return
    transitions.await_second_answer(
        claim.jobs,
        claim=claim,
        again_at=timezone.now() + SECOND_ANSWER,
        error_kind=DOUBTFUL,
        error_text=f"most is missing: {', '.join(sorted(written.doubted))}",
        unreadable_entries=unreadable,
    )
