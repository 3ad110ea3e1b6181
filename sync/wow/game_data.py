"""Classes, races, specializations and realms, which all other answers refer to by id."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db import models, transaction

from characters.models import Character, GameData, PlayableClass, PlayableRace, Realm, Specialization
from sync.blizzard import game_data, payloads
from sync.blizzard.client import BlizzardClient
from sync.engine import transitions
from sync.engine.bulk import Columns, assign, diff, lock_name
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, BadPayload, NotFound
from sync.engine.fields import LARGEST_MALFORMED_SHARE, Entries
from sync.engine.result import SyncResult
from sync.engine.threads import ThreadPool
from sync.wow import columns

T = TypeVar("T")
G = TypeVar("G", bound=GameData)

# Requests at the same time; the rate limiter decides how fast they are sent.
PARALLEL = 16


def no_progress(_: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class RegionData:
    """All game data of one region. Classes, races and specializations are the same everywhere."""

    realms: tuple[payloads.RealmRef, ...]
    connected_realms: tuple[game_data.ConnectedRealm, ...]
    classes: tuple[game_data.NamedId, ...] = ()
    races: tuple[game_data.Race, ...] = ()
    specs: tuple[game_data.Spec, ...] = ()
    unreadable: int = 0


def sync_game_data(
    *,
    client: BlizzardClient,
    region: str,
    claim: Claim,
    realms_only: bool = False,
    on_progress: Callable[[int], object] = no_progress,
) -> SyncResult:
    """Bring the region's game data up to date. Raises ApiError, which is noted on the job.

    Missing or malformed entries and documents are skipped and counted on the job. `realms_only` skips classes, races
    and specializations, when another region has just brought them.
    """
    try:
        data = _fetch(client, region, realms_only, on_progress)
    except ApiError as error:
        transitions.fail(claim.jobs, error, claim=claim)
        raise
    result = _apply(region, data, claim)
    _correct_roles()
    has_changes = bool(result.created or result.updated)
    transitions.succeed(claim.jobs, claim=claim, changed=has_changes, unreadable_entries=data.unreadable)
    return result


def _fetch(client: BlizzardClient, region: str, realms_only: bool, on_progress: Callable[[int], object]) -> RegionData:
    with ThreadPool(PARALLEL) as pool:

        def details(fetch: Callable[[str, int], T], ids: Entries[int]) -> Entries[T]:
            def one(detail_id: int) -> T | ApiError:
                detail = _detail(fetch, region, detail_id)
                on_progress(1)
                return detail

            return _found(list(pool.map(one, ids)), ids.unreadable)

        realms = client.realms(region)
        connected_realms = details(client.connected_realm, client.connected_realm_ids(region))
        unreadable = (
            realms.unreadable + connected_realms.unreadable + sum(one.realms.unreadable for one in connected_realms)
        )
        data = RegionData(realms=realms, connected_realms=connected_realms, unreadable=unreadable)
        if realms_only:
            return data
        classes = client.playable_classes(region)
        races = details(client.playable_race, _ids(client.playable_races(region)))
        specs = details(client.specialization, _ids(client.specializations(region)))
        unreadable += classes.unreadable + races.unreadable + specs.unreadable
        return replace(data, classes=classes, races=races, specs=specs, unreadable=unreadable)


def _detail(fetch: Callable[[str, int], T], region: str, detail_id: int) -> T | ApiError:
    try:
        return fetch(region, detail_id)
    except (NotFound, BadPayload) as error:
        return error


def _found(details: Sequence[T | ApiError], unreadable: int) -> Entries[T]:
    """Skip a few documents that Battle.net lists but does not have, or has in an unusable form.

    Raises the first error when they are more than a few.
    """
    errors = [one for one in details if isinstance(one, ApiError)]
    if len(errors) > max(1, LARGEST_MALFORMED_SHARE * len(details)):
        raise errors[0]
    found = [one for one in details if not isinstance(one, ApiError)]
    return Entries(found, unreadable + len(errors))


def _ids(index: Entries[game_data.NamedId]) -> Entries[int]:
    return Entries([one.id for one in index], index.unreadable)


@transaction.atomic
def _apply(region: str, data: RegionData, claim: Claim) -> SyncResult:
    """Write the tables in the order of `ensure_game_data`, so that two transactions cannot deadlock."""
    claim.ensure_held()
    return SyncResult.total(
        [
            _upsert(Realm, _realms(region, data)),
            _upsert(PlayableClass, {one.id: columns.of_class(one) for one in data.classes}),
            _upsert(PlayableRace, {one.id: columns.of_race(one) for one in data.races}),
            _upsert(Specialization, {one.id: columns.of_specialization(one) for one in data.specs}),
        ]
    )


def _realms(region: str, data: RegionData) -> dict[int, Columns]:
    """Return the realms of the index with what their connected realms add, where those could be fetched."""
    details = {
        realm.id: columns.of_realm_detail(connected, realm)
        for connected in data.connected_realms
        for realm in connected.realms
    }
    return {one.id: {**columns.of_realm(region, one), **details.get(one.id, {})} for one in data.realms}


def _upsert(model: type[G], wanted: Mapping[int, Columns]) -> SyncResult:
    """Insert new rows and write those that differ. Game data is never deleted, since characters refer to it."""
    known = model._default_manager.in_bulk(list(wanted))
    created = [model(pk=pk, **values) for pk, values in wanted.items() if pk not in known]
    changed = {pk: diff(row, wanted[pk]) for pk, row in known.items()}
    updated = [assign(known[pk], values) for pk, values in changed.items() if values]
    model._default_manager.bulk_create(
        sorted([*created, *updated], key=lambda row: int(row.pk)),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[one.name for one in model._meta.concrete_fields if one.name not in {"id", "created_at"}],
    )
    return SyncResult(created=len(created), updated=len(updated), unchanged=len(wanted) - len(created) - len(updated))


@transaction.atomic
def _correct_roles() -> None:
    """Set the roles of characters whose specialization was unknown until now."""
    lock_roles(to_correct=True)
    wrong = Character.objects.exclude(active_spec=None).exclude(role=models.F("active_spec__role"))
    # In the order in which all syncs lock characters.
    locked = list(
        wrong.order_by("region", "pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    )
    if locked:
        role = Specialization.objects.filter(pk=models.OuterRef("active_spec_id")).values("role")[:1]
        Character.objects.filter(pk__in=locked).update(role=models.Subquery(role))


def lock_roles(*, to_correct: bool = False) -> None:
    """Serialize transactions that derive roles from specializations with the one that corrects roles.

    The correction would not see a role that another transaction derived before and commits after it.
    """
    lock_name("roles of characters", is_shared=not to_correct)


def ensure_game_data_of(region: str, listed: Sequence[payloads.ListedCharacter]) -> None:
    """Add missing rows for the realms, classes and races of listed characters."""
    if listed:
        ensure_game_data(
            region=region,
            realms={one.realm.id: one.realm for one in listed}.values(),
            class_ids={one.class_id for one in listed},
            race_ids={one.race_id for one in listed},
        )


def ensure_game_data(
    *,
    region: str,
    realms: Iterable[payloads.RealmRef] = (),
    class_ids: Iterable[int] = (),
    race_ids: Iterable[int] = (),
    specs: Iterable[tuple[int, str, int]] = (),
) -> None:
    """Add missing rows for these ids, so that characters can refer to them; `specs` are (id, name, class id).

    After a patch of the game, answers contain new ids before the monthly sync of game data explains them.
    """
    wanted: list[tuple[type[GameData], dict[int, GameData]]] = [
        (Realm, {one.id: Realm(id=one.id, **columns.of_realm(region, one)) for one in realms}),
        (PlayableClass, {one: PlayableClass(id=one) for one in class_ids}),
        (PlayableRace, {one: PlayableRace(id=one) for one in race_ids}),
        (
            Specialization,
            {pk: Specialization(id=pk, name=name, playable_class_id=class_id) for pk, name, class_id in specs},
        ),
    ]
    for model, rows in wanted:
        if not rows:
            continue
        known = set(model._default_manager.order_by().filter(pk__in=rows).values_list("pk", flat=True))
        missing = [rows[pk] for pk in sorted(rows.keys() - known)]
        if missing:
            model._default_manager.bulk_create(missing, ignore_conflicts=True)
