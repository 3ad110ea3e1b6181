"""Which path of the API leads to which document of what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.documents import accounts, characters, gamedata, gear, guilds, progress, realms
from sandbox.documents.edition import Edition, Json
from sandbox.world.clock import DAY
from sandbox.world.gamedata import CLASSES, RACES, SPECS
from sandbox.world.models import Character, Guild, Persona, Realm
from sandbox.world.world import World

DAY_LONG, GUILD_LONG, SHORT = "public, max-age=86400", "public, max-age=10800", "public, max-age=30"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks about: the region, the variable parts of the path, the person whose token it came with."""

    world: World
    region: str
    parts: tuple[str, ...]
    person: Persona | None


Finder = Callable[[Asked], Any]
Renderer = Callable[[Edition, Any], Json]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``find`` gives the subject, None when the world knows none, or 403 for one that may not be seen.

    ``modified`` gives the subject's Last-Modified; None for documents that carry none.
    """

    name: str
    pattern: tuple[str, ...]
    namespace: str
    find: Finder
    render: Renderer
    modified: Callable[[World, Any], int | None] | None = None
    cache_control: str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it needs a person's own token."""
        return self.pattern[:2] == ("profile", "user")


def _character(asked: Asked) -> Character | int | None:
    found = asked.world.characters.get((asked.region, asked.parts[0], asked.parts[1]))
    if found is None or found.profile == 404:
        return None
    return 403 if found.profile == 403 else found


def _guild(asked: Asked) -> Guild | None:
    return asked.world.guilds.get((asked.region, asked.parts[0], asked.parts[1]))


def _person(asked: Asked) -> Persona | None:
    person = asked.person
    return None if person is None or asked.region in person.missing_regions else person


def _own_character(asked: Asked) -> Character | None:
    person = _person(asked)
    for character in person.characters_in(asked.region) if person else ():
        if asked.parts[0] == f"{character.realm.id}-{character.id}":
            return character
    return None


def _realm(asked: Asked) -> Realm | None:
    part = asked.parts[0]
    if part.isdecimal():
        return asked.world.realms_by_id.get((asked.region, int(part)))
    return asked.world.realms.get((asked.region, part))


def _connected_realm(asked: Asked) -> list[Realm] | None:
    return asked.world.connected_realms.get((asked.region, _number(asked)))


def _number(asked: Asked) -> int:
    return int(asked.parts[0]) if asked.parts[0].isdecimal() else -1


def _everything(asked: Asked) -> World:
    return asked.world


def _snapshot(world: World, subject: Character) -> int:
    return subject.snapshot


def _guild_snapshot(world: World, subject: Guild) -> int | None:
    return None if subject.cut and not subject.cut.is_dated else subject.snapshot


def _day_before(world: World, subject: Character) -> int:
    return subject.snapshot - DAY


def _build(world: World, subject: object) -> int:
    return world.clock.build_moment


def _beginning(world: World, subject: object) -> int:
    return world.clock.anchor - 10 * DAY


_ACCOUNT = ("profile", "user", "wow")
_CHARACTER = ("profile", "wow", "character", "*", "*")
_GUILD = ("data", "wow", "guild", "*", "*")


def _of_account(name: str, rest: tuple[str, ...], render: Renderer, find: Finder = _person) -> Endpoint:
    return Endpoint(name, _ACCOUNT + rest, "profile", find, render)


def _of_character(
    name: str, rest: tuple[str, ...], render: Renderer, modified: Callable[[World, Any], int] = _snapshot
) -> Endpoint:
    return Endpoint(name, _CHARACTER + rest, "profile", _character, render, modified)


def _of_guild(name: str, rest: tuple[str, ...], render: Renderer) -> Endpoint:
    return Endpoint(name, _GUILD + rest, "profile", _guild, render, _guild_snapshot, GUILD_LONG)


def _static(kind: str, rest: str, render: Renderer, find: Finder = _everything) -> Endpoint:
    name = f"{kind}-index" if rest in ("index", "") else kind
    return Endpoint(name, ("data", "wow", kind, rest), "static", find, render, _build, DAY_LONG)


def _dynamic(kind: str, rest: str, render: Renderer, find: Finder = _everything, cache: str = DAY_LONG) -> Endpoint:
    name = f"{kind}-index" if rest in ("index", "") else kind
    return Endpoint(name, ("data", "wow", kind, rest), "dynamic", find, render, _beginning, cache)


def _indexes(rest: str) -> tuple[Endpoint, ...]:
    """The indexes, which answer under "index" and under the bare slash that their own links end with."""
    return (
        _static("playable-class", rest, gamedata.class_index),
        _static("playable-race", rest, gamedata.race_index),
        _static("playable-specialization", rest, gamedata.spec_index),
        _dynamic("realm", rest, realms.realm_index),
        _dynamic("connected-realm", rest, realms.connected_realm_index),
    )


ENDPOINTS = (
    _of_account("account", (), accounts.account),
    _of_account("account-collections", ("collections",), accounts.collections),
    _of_account("account-mounts", ("collections", "mounts"), accounts.mounts),
    _of_account("account-toys", ("collections", "toys"), accounts.toys),
    _of_account("protected-character", ("protected-character", "*"), accounts.protected_character, _own_character),
    _of_character("character", (), characters.character),
    _of_character("character-status", ("status",), characters.status),
    _of_character("character-specializations", ("specializations",), characters.specializations),
    _of_character("character-equipment", ("equipment",), gear.equipment),
    _of_character("character-media", ("character-media",), characters.media, _day_before),
    _of_character("mythic-keystone-profile", ("mythic-keystone-profile",), progress.keystones),
    _of_character("encounters-raids", ("encounters", "raids"), progress.raids),
    _of_guild("guild", (), guilds.guild),
    _of_guild("guild-roster", ("roster",), guilds.roster),
    _of_guild("guild-activity", ("activity",), guilds.activity),
    *_indexes("index"),
    *_indexes(""),
    _static("playable-class", "*", gamedata.playable_class, lambda asked: CLASSES.get(_number(asked))),
    _static("playable-race", "*", gamedata.playable_race, lambda asked: RACES.get(_number(asked))),
    _static(
        "playable-specialization",
        "*",
        gamedata.playable_specialization,
        lambda asked: SPECS.get(_number(asked)),
    ),
    _dynamic("realm", "*", realms.realm, _realm),
    _dynamic("connected-realm", "*", realms.connected_realm, _connected_realm, SHORT),
)


def match(path: str) -> tuple[Endpoint | None, tuple[str, ...]]:
    """The endpoint a decoded path leads to, None for an unknown one, with the path's variable parts."""
    segments = tuple(path.split("/")[1:])
    for endpoint in _BY_START.get((segments[:3], len(segments)), ()):
        pattern = endpoint.pattern
        if all(wanted in ("*", given) for wanted, given in zip(pattern, segments, strict=True)):
            return endpoint, tuple(given for wanted, given in zip(pattern, segments, strict=True) if wanted == "*")
    return None, ()


def _by_start() -> dict[tuple[tuple[str, ...], int], list[Endpoint]]:
    table: dict[tuple[tuple[str, ...], int], list[Endpoint]] = {}
    for endpoint in ENDPOINTS:
        table.setdefault((endpoint.pattern[:3], len(endpoint.pattern)), []).append(endpoint)
    return table


_BY_START = _by_start()
