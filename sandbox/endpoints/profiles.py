"""Endpoints of the profile namespace: accounts, characters and guilds."""

from sandbox.documents import (
    accounts,
    character_details,
    characters,
    encounters,
    gear,
    guilds,
    keystone_profiles,
    loadouts,
    statistics,
)
from sandbox.documents.keystone_profiles import Group, seasons_played
from sandbox.endpoints.endpoint import DocumentRequest, Endpoint, Finder, Modified, Renderer
from sandbox.world.clock import DAY
from sandbox.world.models import Character, Guild, Persona
from sandbox.world.world import World

_GUILD_CACHE = "public, max-age=10800"
_ACCOUNT = ("profile", "user", "wow")
_CHARACTER = ("profile", "wow", "character", "*", "*")
_GUILD = ("data", "wow", "guild", "*", "*")


def _character(request: DocumentRequest) -> Character | int | None:
    found = request.world.characters.get((request.region, request.parts[0], request.parts[1]))
    if found is None or found.profile == 404:
        return None
    return 403 if found.profile == 403 else found


def _hunter(request: DocumentRequest) -> Character | int | None:
    found = _character(request)
    return None if isinstance(found, Character) and found.class_id != characters.HUNTER else found


def _of_a_covenant(request: DocumentRequest) -> Character | int | None:
    found = _character(request)
    return None if isinstance(found, Character) and not character_details.has_covenant(found) else found


def _group(request: DocumentRequest) -> Group | int | None:
    """Return the character with companions from its guild, or from any guild of its region."""
    found = _character(request)
    if not isinstance(found, Character):
        return found
    guilds_here = (guild for guild in request.world.guilds.values() if guild.region == request.region)
    guild = found.guild or next(guilds_here, None)
    others = guild.members if guild else ()
    companions = (one for one in others if one is not found and one.spec_id is not None and one.profile == 200)
    return Group(found, tuple(companion for companion, _ in zip(companions, range(12), strict=False)))


def _group_of_season(request: DocumentRequest) -> tuple[Group, int] | int | None:
    found, season = _group(request), request.number(2)
    if not isinstance(found, Group):
        return found
    return (found, season) if season in seasons_played(found.subject) else None


def _guild(request: DocumentRequest) -> Guild | None:
    return request.world.guilds.get((request.region, request.parts[0], request.parts[1]))


def _person(request: DocumentRequest) -> Persona | None:
    person = request.person
    return None if person is None or request.region in person.missing_regions else person


def _any_persona(request: DocumentRequest) -> Persona | None:
    return request.person


def _own_character(request: DocumentRequest) -> Character | None:
    person = _person(request)
    for character in person.characters_in(request.region) if person else ():
        if request.parts[0] == f"{character.realm.id}-{character.id}":
            return character
    return None


def _snapshot(world: World, subject: Character | Group) -> int:
    return subject.snapshot


def _season_snapshot(world: World, subject: tuple[Group, int]) -> int:
    return subject[0].snapshot


def _day_before(world: World, subject: Character) -> int:
    return subject.snapshot - DAY


def _guild_snapshot(world: World, subject: Guild) -> int | None:
    return None if subject.cut and not subject.cut.is_dated else subject.snapshot


def _of_account(name: str, rest: tuple[str, ...], render: Renderer, find: Finder = _person) -> Endpoint:
    return Endpoint(name, _ACCOUNT + rest, "profile", find, render)


def _of_character(
    name: str, rest: str, render: Renderer, modified: Modified = _snapshot, find: Finder = _character
) -> Endpoint:
    parts = tuple(rest.split("/")) if rest else ()
    return Endpoint(name, _CHARACTER + parts, "profile", find, render, modified)


def _of_guild(name: str, rest: tuple[str, ...], render: Renderer) -> Endpoint:
    return Endpoint(name, _GUILD + rest, "profile", _guild, render, _guild_snapshot, _GUILD_CACHE)


ENDPOINTS = (
    Endpoint("user", ("profile", "user"), "profile", _any_persona, accounts.user),
    _of_account("account", (), accounts.account),
    _of_account("account-collections", ("collections",), accounts.collections),
    _of_account("account-mounts", ("collections", "mounts"), accounts.mounts),
    _of_account("account-toys", ("collections", "toys"), accounts.toys),
    _of_account("account-pets", ("collections", "pets"), accounts.pets),
    _of_account("account-heirlooms", ("collections", "heirlooms"), accounts.heirlooms),
    _of_account("account-transmogs", ("collections", "transmogs"), accounts.transmogs),
    _of_account("protected-character", ("protected-character", "*"), accounts.protected_character, _own_character),
    _of_character("character", "", characters.character),
    _of_character("character-status", "status", characters.status),
    _of_character("character-specializations", "specializations", loadouts.specializations),
    _of_character("character-equipment", "equipment", gear.equipment),
    _of_character("character-media", "character-media", characters.media, _day_before),
    _of_character("character-statistics", "statistics", statistics.statistics),
    _of_character("character-achievements", "achievements", character_details.achievements),
    _of_character("character-achievement-statistics", "achievements/statistics", statistics.achievement_statistics),
    _of_character("character-titles", "titles", character_details.titles),
    _of_character("character-pvp-summary", "pvp-summary", character_details.pvp_summary),
    _of_character("character-hunter-pets", "hunter-pets", character_details.hunter_pets, find=_hunter),
    _of_character("character-appearance", "appearance", character_details.appearance),
    _of_character("character-reputations", "reputations", character_details.reputations),
    _of_character("character-quests", "quests", character_details.quests),
    _of_character("character-completed-quests", "quests/completed", character_details.completed_quests),
    _of_character("character-professions", "professions", character_details.professions),
    _of_character("character-soulbinds", "soulbinds", character_details.soulbinds, find=_of_a_covenant),
    _of_character("character-collections", "collections", character_details.collections),
    *(
        _of_character(f"character-{kind}s", f"collections/{kind}s", character_details.collected(kind))
        for kind in ("mount", "toy", "pet", "heirloom")
    ),
    _of_character("character-transmogs", "collections/transmogs", character_details.transmogs),
    _of_character("encounters-summary", "encounters", encounters.summary),
    _of_character("encounters-raids", "encounters/raids", encounters.raids),
    _of_character("encounters-dungeons", "encounters/dungeons", encounters.dungeons),
    _of_character("mythic-keystone-profile", "mythic-keystone-profile", keystone_profiles.profile, find=_group),
    _of_character(
        "mythic-keystone-season-details",
        "mythic-keystone-profile/season/*",
        keystone_profiles.season,
        _season_snapshot,
        _group_of_season,
    ),
    _of_guild("guild", (), guilds.guild),
    _of_guild("guild-roster", ("roster",), guilds.roster),
    _of_guild("guild-activity", ("activity",), guilds.activity),
    _of_guild("guild-achievements", ("achievements",), guilds.achievements),
)
