"""Endpoints of the static and dynamic namespaces: realms, classes, journal, items, Mythic+ and media."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.documents import catalog, gamedata, items, journal, keystones, media, realms
from sandbox.endpoints.endpoint import DocumentRequest, Endpoint, Finder, Renderer
from sandbox.world.clock import DAY
from sandbox.world.content import talents
from sandbox.world.content.catalog import ACHIEVEMENTS, NAMES, SPELLS
from sandbox.world.content.items import ITEM_CLASSES, ITEM_SETS, ITEMS, SUBCLASSES
from sandbox.world.content.journal import ENCOUNTERS, EXPANSIONS, INSTANCES
from sandbox.world.content.keystones import AFFIXES, DUNGEONS, FIRST_PERIOD, FIRST_SEASON, period_at, season_of
from sandbox.world.gamedata import CLASSES, RACES
from sandbox.world.models import Realm
from sandbox.world.realms import REGION_IDS
from sandbox.world.world import World

_DAY, _HALF_HOUR, _HALF_MINUTE = "public, max-age=86400", "public, max-age=1800", "public, max-age=30"


def _everything(request: DocumentRequest) -> World:
    return request.world


def _member_of(known: Mapping[int, Any]) -> Finder:
    """Return a finder of the subject whose id is in the path."""
    return lambda request: known.get(request.number())


def _number_in(known: Callable[[DocumentRequest], Any] | Mapping[int, Any] | range) -> Finder:
    """Return a finder of the id itself, if it is known."""

    def find(request: DocumentRequest) -> int | None:
        numbers = known(request) if callable(known) else known
        return request.number() if request.number() in numbers else None

    return find


def _named(names: Mapping[int, str]) -> Finder:
    """Return a finder of id and name."""
    return lambda request: (request.number(), names[request.number()]) if request.number() in names else None


def _realm(request: DocumentRequest) -> Realm | None:
    part = request.parts[0]
    if part.isdecimal():
        return request.world.realms_by_id.get((request.region, int(part)))
    return request.world.realms.get((request.region, part))


def _connected_realm(request: DocumentRequest) -> list[Realm] | None:
    return request.world.connected_realms.get((request.region, request.number()))


def _current_period(request: DocumentRequest) -> int:
    return period_at(request.region, request.world.clock.now)


def _periods(request: DocumentRequest) -> range:
    return range(FIRST_PERIOD, _current_period(request) + 1)


def _seasons(request: DocumentRequest) -> range:
    return range(FIRST_SEASON, season_of(_current_period(request)) + 1)


def _leaderboard(request: DocumentRequest) -> keystones.Leaderboard | None:
    here, dungeon, period = _connected_realm(request), DUNGEONS.get(request.number(1)), request.number(2)
    if here is None or dungeon is None or period not in _periods(request):
        return None
    return here[0].connected_realm_id, dungeon, period, keystones.leaders(request.world, here)


def _subclass(request: DocumentRequest) -> tuple[int, int] | None:
    key = request.number(0), request.number(1)
    return key if key in SUBCLASSES else None


def _tree(known: Mapping[int, talents.Tree]) -> Finder:
    """Return a finder of a tree below the class tree named in the path."""

    def find(request: DocumentRequest) -> talents.Tree | None:
        tree = known.get(request.number(1))
        return tree if tree and tree.class_tree == request.number(0) else None

    return find


def _build(world: World, subject: object) -> int:
    return world.clock.build_moment


def _beginning(world: World, subject: object) -> int:
    return world.clock.anchor - 10 * DAY


def _today(world: World, subject: object) -> int:
    return world.clock.now


def _static(name: str, path: str, render: Renderer, find: Finder = _everything) -> Endpoint:
    return Endpoint(name, ("data", "wow", *path.split("/")), "static", find, render, _build, _DAY)


def _dynamic(name: str, path: str, render: Renderer, find: Finder = _everything, cache: str = _DAY) -> Endpoint:
    return Endpoint(name, ("data", "wow", *path.split("/")), "dynamic", find, render, _beginning, cache)


def _of_keystones(name: str, path: str, render: Renderer, find: Finder = _everything) -> Endpoint:
    pattern = ("data", "wow", *path.split("/"))
    return Endpoint(name, pattern, "dynamic", find, render, _today, _HALF_HOUR)


def _indexes(rest: str) -> tuple[Endpoint, ...]:
    """The indexes, at ``index`` and at ``/``, which their own links use."""
    return (
        _static("playable-class-index", f"playable-class/{rest}", gamedata.class_index),
        _static("playable-race-index", f"playable-race/{rest}", gamedata.race_index),
        _static("playable-specialization-index", f"playable-specialization/{rest}", gamedata.spec_index),
        _static("journal-expansion-index", f"journal-expansion/{rest}", journal.expansion_index),
        _static("journal-instance-index", f"journal-instance/{rest}", journal.instance_index),
        _static("journal-encounter-index", f"journal-encounter/{rest}", journal.encounter_index),
        _static("item-class-index", f"item-class/{rest}", items.item_class_index),
        _static("item-set-index", f"item-set/{rest}", items.item_set_index),
        _static("keystone-affix-index", f"keystone-affix/{rest}", keystones.affix_index),
        _static("guild-crest-index", f"guild-crest/{rest}", media.crest_index),
        *(
            _static(
                f"{kind}-index", f"{kind}/{rest}", catalog.named_index(kind, f"{kind.replace('-', '_')}s", NAMES[kind])
            )
            for kind in ("mount", "toy", "title", "power-type", "profession")
        ),
        _dynamic("realm-index", f"realm/{rest}", realms.realm_index),
        _dynamic("connected-realm-index", f"connected-realm/{rest}", realms.connected_realm_index),
        _dynamic("region-index", f"region/{rest}", catalog.region_index),
        _of_keystones("mythic-keystone-index", f"mythic-keystone/{rest}", keystones.index),
        _of_keystones("mythic-keystone-season-index", f"mythic-keystone/season/{rest}", keystones.season_index),
        _of_keystones("mythic-keystone-period-index", f"mythic-keystone/period/{rest}", keystones.period_index),
        _of_keystones("mythic-keystone-dungeon-index", f"mythic-keystone/dungeon/{rest}", keystones.dungeon_index),
        _of_keystones(
            "mythic-leaderboard-index",
            f"connected-realm/*/mythic-leaderboard/{rest}",
            keystones.leaderboard_index,
            _connected_realm,
        ),
    )


_MEDIA = (
    *(
        _static(f"{kind}-media", f"media/{kind}/*", media.icon(kind), _number_in(known))
        for kind, known in (
            ("playable-class", CLASSES),
            ("playable-specialization", gamedata.ALL_SPECS),
            ("keystone-affix", AFFIXES),
            ("item", ITEMS),
            ("spell", SPELLS),
            ("achievement", ACHIEVEMENTS),
        )
    ),
    _static("journal-instance-media", "media/journal-instance/*", media.instance, _number_in(INSTANCES)),
    _static(
        "creature-display-media",
        "media/creature-display/*",
        media.creature,
        _number_in({journal.FIRST_CREATURE_DISPLAY + number: None for number in ENCOUNTERS}),
    ),
    _static(
        "guild-crest-emblem-media",
        "media/guild-crest/emblem/*",
        media.crest("emblem"),
        _number_in(range(media.EMBLEMS)),
    ),
    _static(
        "guild-crest-border-media",
        "media/guild-crest/border/*",
        media.crest("border"),
        _number_in(range(media.BORDERS)),
    ),
)
_TREES = (
    _static("talent", "talent/*", catalog.talent, _number_in(talents.TALENTS)),
    _static("pvp-talent", "pvp-talent/*", catalog.pvp_talent, _number_in(talents.PVP_TALENTS)),
    _static("talent-tree", "talent-tree/*", catalog.talent_tree, _member_of(talents.CLASS_TREES)),
    _static(
        "spec-talent-tree",
        "talent-tree/*/playable-specialization/*",
        catalog.talent_tree,
        _tree(talents.SPEC_TREES),
    ),
    _static("hero-talent-tree", "talent-tree/*/hero-talent/*", catalog.talent_tree, _tree(talents.HERO_TREES)),
)

ENDPOINTS = (
    *_indexes("index"),
    *_indexes(""),
    _static("playable-class", "playable-class/*", gamedata.playable_class, _member_of(CLASSES)),
    _static("pvp-talent-slots", "playable-class/*/pvp-talent-slots", catalog.pvp_talent_slots, _member_of(CLASSES)),
    _static("playable-race", "playable-race/*", gamedata.playable_race, _member_of(RACES)),
    _static(
        "playable-specialization",
        "playable-specialization/*",
        gamedata.playable_specialization,
        _member_of(gamedata.ALL_SPECS),
    ),
    _static("journal-expansion", "journal-expansion/*", journal.expansion, _number_in(EXPANSIONS)),
    _static("journal-instance", "journal-instance/*", journal.instance, _member_of(INSTANCES)),
    _static("journal-encounter", "journal-encounter/*", journal.encounter, _member_of(ENCOUNTERS)),
    _static("item", "item/*", items.item, _member_of(ITEMS)),
    _static("item-set", "item-set/*", items.item_set, _member_of(ITEM_SETS)),
    _static("item-class", "item-class/*", items.item_class, _number_in(ITEM_CLASSES)),
    _static("item-subclass", "item-class/*/item-subclass/*", items.item_subclass, _subclass),
    _static("keystone-affix", "keystone-affix/*", keystones.affix, _number_in(AFFIXES)),
    _static("spell", "spell/*", catalog.spell, _number_in(SPELLS)),
    _static("achievement", "achievement/*", catalog.achievement, _number_in(ACHIEVEMENTS)),
    *(_static(kind, f"{kind}/*", catalog.named(kind), _named(names)) for kind, names in NAMES.items()),
    *_TREES,
    *_MEDIA,
    _dynamic("realm", "realm/*", realms.realm, _realm),
    _dynamic("connected-realm", "connected-realm/*", realms.connected_realm, _connected_realm, _HALF_MINUTE),
    _dynamic("auctions", "connected-realm/*/auctions", realms.auctions, _connected_realm),
    _dynamic("region", "region/*", catalog.region, _number_in(lambda request: (REGION_IDS[request.region],))),
    _of_keystones(
        "mythic-leaderboard",
        "connected-realm/*/mythic-leaderboard/*/period/*",
        keystones.leaderboard,
        _leaderboard,
    ),
    _of_keystones("mythic-keystone-season", "mythic-keystone/season/*", keystones.season, _number_in(_seasons)),
    _of_keystones("mythic-keystone-period", "mythic-keystone/period/*", keystones.period, _number_in(_periods)),
    _of_keystones("mythic-keystone-dungeon", "mythic-keystone/dungeon/*", keystones.dungeon, _member_of(DUNGEONS)),
)
