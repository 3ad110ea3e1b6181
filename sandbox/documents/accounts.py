"""Documents that need a user token: account, collections, protected characters."""

from itertools import groupby

from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.world.content.catalog import APPEARANCE_SETS, HEIRLOOMS, PETS
from sandbox.world.gamedata import CLASSES, MOUNTS, RACES, TOYS
from sandbox.world.models import Character, Persona

_ACCOUNT = "/profile/user/wow"


def _links(context: DocumentContext, path: str) -> Json:
    return {
        "self": context.profile(path),
        "user": {"href": f"{context.base_url}/profile/user"},
        "profile": context.profile(_ACCOUNT),
    }


def user(context: DocumentContext, person: Persona) -> Json:
    """Render the parent of all games' accounts, which account documents link to without a namespace."""
    return {
        "_links": {"self": {"href": f"{context.base_url}/profile/user"}},
        "id": person.battlenet_id,
    }


def account(context: DocumentContext, person: Persona) -> Json:
    """Render the WoW accounts and characters of the region; the list is absent if there are none."""
    document: Json = {"_links": _links(context, _ACCOUNT), "id": person.battlenet_id}
    characters = sorted(person.characters_in(context.region), key=lambda character: character.wow_account)
    if characters:
        document["wow_accounts"] = [
            {"id": wow_account, "characters": [_summary(context, character) for character in group]}
            for wow_account, group in groupby(characters, key=lambda character: character.wow_account)
        ]
    document["collections"] = context.profile(f"{_ACCOUNT}/collections")
    return document


def _summary(context: DocumentContext, character: Character) -> Json:
    return {
        "character": context.profile(character_path(character)),
        "protected_character": context.profile(_protected_path(character)),
        "name": character.name,
        "id": character.id,
        "realm": context.realm(character.realm),
        "playable_class": context.entry("playable-class", character.class_id, CLASSES[character.class_id].name),
        "playable_race": context.entry("playable-race", character.race_id, RACES[character.race_id].name),
        "gender": context.kind(character.gender),
        "faction": context.kind(character.faction),
        "level": character.level,
    }


def _protected_path(character: Character) -> str:
    return f"{_ACCOUNT}/protected-character/{character.realm.id}-{character.id}"


def collections(context: DocumentContext, person: Persona) -> Json:
    path = f"{_ACCOUNT}/collections"
    document: Json = {"_links": _links(context, path)}
    for name in ("pets", "mounts", "toys", "heirlooms", "transmogs"):
        document[name] = context.profile(f"{path}/{name}")
    return document


def mounts(context: DocumentContext, person: Persona) -> Json:
    """Render the mounts; the list is absent in a region without characters."""
    return _collected(context, person, "mount", MOUNTS, person.mounts)


def toys(context: DocumentContext, person: Persona) -> Json:
    """Render the toys; the list is absent in a region without characters."""
    return _collected(context, person, "toy", TOYS, person.toys)


def pets(context: DocumentContext, person: Persona) -> Json:
    """Render the pets: the same for everybody who plays in the region."""
    return _collected(context, person, "pet", PETS, list(PETS))


def heirlooms(context: DocumentContext, person: Persona) -> Json:
    """Render the heirlooms: the same for everybody who plays in the region."""
    return _collected(context, person, "heirloom", HEIRLOOMS, list(HEIRLOOMS))


def transmogs(context: DocumentContext, person: Persona) -> Json:
    document: Json = {"_links": _links(context, f"{_ACCOUNT}/collections/transmogs")}
    if person.characters_in(context.region):
        document["appearance_sets"] = [
            context.entry("item-appearance-set", number, name) for number, name in APPEARANCE_SETS.items()
        ]
    return document


def _collected(context: DocumentContext, person: Persona, kind: str, names: dict[int, str], ids: list[int]) -> Json:
    document: Json = {"_links": _links(context, f"{_ACCOUNT}/collections/{kind}s")}
    if person.characters_in(context.region):
        document[f"{kind}s"] = [
            {kind: context.entry(kind, number, names[number])} | ({"is_favorite": True} if number % 5 == 0 else {})
            for number in ids
        ]
    return document


def protected_character(context: DocumentContext, character: Character) -> Json:
    """Render what only the owner can see of a character."""
    place = {
        "zone": {"name": context.text("The Long Quay"), "id": 9911},
        "map": {"name": context.text("Ferrymoor"), "id": 2811},
    }
    spot = {"x": 118.25, "y": -40.5, "z": 12.75, "facing": 1.5}
    return {
        "_links": _links(context, _protected_path(character)),
        "id": character.id,
        "name": character.name,
        "money": character.id % 900_000_000,
        "character": context.character(character),
        "protected_stats": _protected_stats(character),
        "position": place | spot,
        "bind_position": place | spot,
        "wow_account": character.wow_account,
    }


def _protected_stats(character: Character) -> Json:
    gained = character.id % 70_000_000
    return {
        "total_number_deaths": character.id % 4000,
        "total_gold_gained": gained,
        "total_gold_lost": gained // 2,
        "total_item_value_gained": gained // 3,
        "level_number_deaths": character.id % 90,
        "level_gold_gained": gained // 10,
        "level_gold_lost": gained // 20,
        "level_item_value_gained": gained // 30,
    }
