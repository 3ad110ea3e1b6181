"""Classes, races, specializations and realms: what the ids in all other answers mean."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db import models, transaction

from characters.models import Character, GameData, PlayableClass, PlayableRace, Realm, Specialization
from characters.rules import role_of
from sync.blizzard import game_data, payloads
from sync.blizzard.client import BlizzardClient
from sync.blizzard.entries import LARGEST_MALFORMED_SHARE, Entries
from sync.engine import claims, transitions
from sync.engine.bulk import values_of
from sync.engine.errors import ApiError, BadPayload, NotFound
from sync.engine.result import SyncResult
from sync.models import BlizzardJob
from sync.wow.jobs import game_data_job
from sync.wow.locks import lock_roles

T = TypeVar("T")
G = TypeVar("G", bound=GameData)

# Requests under way at once; the rate limiter decides how fast they leave.
PARALLEL = 16


def _nothing(_: int) -> None:
    """Progress that nobody watches."""


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
    *, client: BlizzardClient, region: str, realms_only: bool = False, on_progress: Callable[[int], object] = _nothing
) -> SyncResult:
    """Bring the region's game data up to date. Raises ApiError, after noting it in the job.

    Entries and single documents that are missing or malformed are counted in the job, and keep nothing else back.
    `realms_only` leaves out classes, races and specializations, for when another region just brought them.
    """
    job = BlizzardJob.objects.filter(pk=game_data_job(region).pk)
    with transitions.attempt(job):
        try:
            data = _fetch(client, region, realms_only, on_progress)
        except ApiError as error:
            transitions.fail(job, error)
            raise
        result = _apply(region, data)
        _correct_roles()
    transitions.succeed(job, changed=bool(result.created or result.updated), unreadable_entries=data.unreadable)
    return result


def _fetch(client: BlizzardClient, region: str, realms_only: bool, on_progress: Callable[[int], object]) -> RegionData:
    with ThreadPoolExecutor(PARALLEL) as pool:

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
    """Leave out single documents that Battle.net lists and does not have, or has in an unusable form.

    Raises the first error when there are more: then it is Battle.net that has a problem, and not a document.
    """
    errors = [one for one in details if isinstance(one, ApiError)]
    if len(errors) > max(1, LARGEST_MALFORMED_SHARE * len(details)):
        raise errors[0]
    found = [one for one in details if not isinstance(one, ApiError)]
    return Entries(found, unreadable + len(errors))


def _ids(index: Entries[game_data.NamedId]) -> Entries[int]:
    return Entries([one.id for one in index], index.unreadable)


@transaction.atomic
def _apply(region: str, data: RegionData) -> SyncResult:
    """In the order of `ensure_known`, so that two transactions with the same new rows never wait in a circle."""
    claims.ensure_held()
    return SyncResult.total(
        [
            _upsert(Realm, _realms(region, data)),
            _upsert(PlayableClass, [PlayableClass(id=one.id, name=one.name) for one in data.classes]),
            _upsert(PlayableRace, [PlayableRace(id=one.id, name=one.name, faction=one.faction) for one in data.races]),
            _upsert(
                Specialization,
                [
                    Specialization(id=one.id, name=one.name, playable_class_id=one.class_id, role=role_of(one.role))
                    for one in data.specs
                ],
            ),
        ]
    )


def _realms(region: str, data: RegionData) -> list[Realm]:
    """The realms of the index, with what their connected realm adds, or else what we know of it."""
    details = {realm.id: (connected.id, realm) for connected in data.connected_realms for realm in connected.realms}
    known = Realm.objects.in_bulk([ref.id for ref in data.realms if ref.id not in details])
    realms = []
    for ref in data.realms:
        realm = Realm(id=ref.id, region=region, slug=ref.slug, name=ref.name)
        if ref.id in details:
            realm.connected_realm_id, detail = details[ref.id]
            realm.category, realm.locale, realm.timezone = detail.category, detail.locale, detail.timezone
        elif ref.id in known:
            before = known[ref.id]
            realm.connected_realm_id, realm.category = before.connected_realm_id, before.category
            realm.locale, realm.timezone = before.locale, before.timezone
        realms.append(realm)
    return realms


def _upsert(model: type[G], rows: Sequence[G]) -> SyncResult:
    """Insert what is new and write what differs; game data is never deleted, since characters point to it."""
    columns = [
        field.name for field in model._meta.concrete_fields if field.name not in {"id", "created_at", "updated_at"}
    ]
    known = model._default_manager.in_bulk([row.pk for row in rows])

    def differs(row: G) -> bool:
        return values_of(known[row.pk], columns) != values_of(row, columns)

    created = [row for row in rows if row.pk not in known]
    updated = [row for row in rows if row.pk in known and differs(row)]
    model._default_manager.bulk_create(
        sorted([*created, *updated], key=lambda row: int(row.pk)),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*columns, "updated_at"],
    )
    return SyncResult(created=len(created), updated=len(updated), unchanged=len(rows) - len(created) - len(updated))


@transaction.atomic
def _correct_roles() -> None:
    """A character that was seen before its specialization's game data gets its role now."""
    lock_roles(to_correct=True)
    wrong = Character.objects.exclude(active_spec=None).exclude(role=models.F("active_spec__role"))
    # Locked in the order in which all syncs lock characters.
    locked = list(
        wrong.order_by("region", "pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    )
    if locked:
        role = Specialization.objects.filter(pk=models.OuterRef("active_spec_id")).values("role")[:1]
        Character.objects.filter(pk__in=locked).update(role=models.Subquery(role))


def ensure_known(
    *,
    region: str,
    realms: Iterable[payloads.RealmRef] = (),
    class_ids: Iterable[int] = (),
    race_ids: Iterable[int] = (),
    specs: Iterable[tuple[int, str, int]] = (),
) -> None:
    """Make sure that rows exist for these ids, so that characters can point to them.

    A patch of the game brings ids before the monthly sync of game data explains them; nothing may be lost meanwhile.
    `specs` are (id, name, class id). Writes only what is missing.
    """
    wanted: list[tuple[type[GameData], dict[int, GameData]]] = [
        (Realm, {one.id: Realm(id=one.id, region=region, slug=one.slug, name=one.name) for one in realms}),
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
        known = set(model._default_manager.filter(pk__in=rows).values_list("pk", flat=True))
        missing = [rows[pk] for pk in sorted(rows.keys() - known)]
        if missing:
            model._default_manager.bulk_create(missing, ignore_conflicts=True)
