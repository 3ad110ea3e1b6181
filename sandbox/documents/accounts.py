"""What a person's own token opens: the account, its collections, its protected characters."""

from itertools import groupby

from sandbox.documents.context import Edition, Json, character_path
from sandbox.world.content.catalog import APPEARANCE_SETS, HEIRLOOMS, PETS
from sandbox.world.gamedata import CLASSES, MOUNTS, RACES, TOYS
from sandbox.world.models import Character, Persona

_ACCOUNT = "/profile/user/wow"


def _links(edition: Edition, path: str) -> Json:
    return {
        "self": edition.profile(path),
        "user": {"href": f"{edition.base_url}/profile/user"},
        "profile": edition.profile(_ACCOUNT),
    }


def user(edition: Edition, person: Persona) -> Json:
    """The address above all accounts of games, which account documents link to without a namespace."""
    return {
        "_links": {"self": {"href": f"{edition.base_url}/profile/user"}},
        "id": person.battlenet_id,
    }


def account(edition: Edition, person: Persona) -> Json:
    """The person's WoW accounts and characters of the region; no list at all without any."""
    document: Json = {"_links": _links(edition, _ACCOUNT), "id": person.battlenet_id}
    characters = sorted(person.characters_in(edition.region), key=lambda character: character.wow_account)
    if characters:
        document["wow_accounts"] = [
            {"id": wow_account, "characters": [_summary(edition, character) for character in group]}
            for wow_account, group in groupby(characters, key=lambda character: character.wow_account)
        ]
    document["collections"] = edition.profile(f"{_ACCOUNT}/collections")
    return document


def _summary(edition: Edition, character: Character) -> Json:
    return {
        "character": edition.profile(character_path(character)),
        "protected_character": edition.profile(_protected_path(character)),
        "name": character.name,
        "id": character.id,
        "realm": edition.realm(character.realm),
        "playable_class": edition.entry("playable-class", character.class_id, CLASSES[character.class_id].name),
        "playable_race": edition.entry("playable-race", character.race_id, RACES[character.race_id].name),
        "gender": edition.kind(character.gender),
        "faction": edition.kind(character.faction),
        "level": character.level,
    }


def _protected_path(character: Character) -> str:
    return f"{_ACCOUNT}/protected-character/{character.realm.id}-{character.id}"


def collections(edition: Edition, person: Persona) -> Json:
    """The index of the person's collections."""
    path = f"{_ACCOUNT}/collections"
    document: Json = {"_links": _links(edition, path)}
    for name in ("pets", "mounts", "toys", "heirlooms", "transmogs"):
        document[name] = edition.profile(f"{path}/{name}")
    return document


def mounts(edition: Edition, person: Persona) -> Json:
    """The person's mounts; the list is absent in a region without characters."""
    return _collected(edition, person, "mount", MOUNTS, person.mounts)


def toys(edition: Edition, person: Persona) -> Json:
    """The person's toys; the list is absent in a region without characters."""
    return _collected(edition, person, "toy", TOYS, person.toys)


def pets(edition: Edition, person: Persona) -> Json:
    """The person's pets: the same for everybody who plays in the region."""
    return _collected(edition, person, "pet", PETS, list(PETS))


def heirlooms(edition: Edition, person: Persona) -> Json:
    """The person's heirlooms: the same for everybody who plays in the region."""
    return _collected(edition, person, "heirloom", HEIRLOOMS, list(HEIRLOOMS))


def transmogs(edition: Edition, person: Persona) -> Json:
    """The person's sets of appearances."""
    document: Json = {"_links": _links(edition, f"{_ACCOUNT}/collections/transmogs")}
    if person.characters_in(edition.region):
        document["appearance_sets"] = [
            edition.entry("item-appearance-set", number, name) for number, name in APPEARANCE_SETS.items()
        ]
    return document


def _collected(edition: Edition, person: Persona, kind: str, names: dict[int, str], ids: list[int]) -> Json:
    document: Json = {"_links": _links(edition, f"{_ACCOUNT}/collections/{kind}s")}
    if person.characters_in(edition.region):
        document[f"{kind}s"] = [
            {kind: edition.entry(kind, number, names[number])} | ({"is_favorite": True} if number % 5 == 0 else {})
            for number in ids
        ]
    return document


def protected_character(edition: Edition, character: Character) -> Json:
    """What only the owner sees of a character."""
    place = {
        "zone": {"name": edition.text("The Long Quay"), "id": 9911},
        "map": {"name": edition.text("Ferrymoor"), "id": 2811},
    }
    spot = {"x": 118.25, "y": -40.5, "z": 12.75, "facing": 1.5}
    return {
        "_links": _links(edition, _protected_path(character)),
        "id": character.id,
        "name": character.name,
        "money": character.id % 900_000_000,
        "character": edition.character(character),
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
