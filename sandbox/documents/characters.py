"""The summary of a character and the short documents beside it. Keys stand in the order of the real answers, and
what a character has not got is left out, never null."""

from urllib.parse import quote

from sandbox.documents.context import Edition, Json, character_path
from sandbox.documents.media import picture
from sandbox.documents.possessions import active_title, covenant_progress, has_covenant
from sandbox.world.gamedata import CLASSES, MAX_LEVEL, RACES, spec_name
from sandbox.world.models import Character

HUNTER = 3


def character(edition: Edition, subject: Character) -> Json:
    """The summary."""
    return {
        **_identity(edition, subject),
        **_achievements(edition, subject),
        **_progress(edition, subject),
        **_possessions(edition, subject),
        "name_search": subject.name,
        "is_remix": False,
    }


def _links(edition: Edition, subject: Character, document: str = "") -> Json:
    return {"self": edition.profile(character_path(subject) + document)}


def _identity(edition: Edition, subject: Character) -> Json:
    document: Json = {
        "_links": _links(edition, subject),
        "id": subject.id,
        "name": subject.name,
        "gender": edition.kind(subject.gender),
        "faction": edition.kind(subject.faction),
        "race": edition.entry("playable-race", subject.race_id, RACES[subject.race_id].name),
        "character_class": edition.entry("playable-class", subject.class_id, CLASSES[subject.class_id].name),
    }
    if subject.spec_id is not None:
        document["active_spec"] = spec_entry(edition, subject.spec_id)
    document["realm"] = edition.realm(subject.realm)
    if subject.guild is not None:
        document["guild"] = edition.guild(subject.guild)
    return document


def _achievements(edition: Edition, subject: Character) -> Json:
    path = character_path(subject)
    document: Json = {
        "level": subject.level,
        "experience": 0 if subject.level == MAX_LEVEL else subject.id % 40_000,
        "achievement_points": subject.id * 7 % 31_000,
        "achievements": edition.profile(f"{path}/achievements"),
        "titles": edition.profile(f"{path}/titles"),
        "pvp_summary": edition.profile(f"{path}/pvp-summary"),
        "encounters": edition.profile(f"{path}/encounters"),
        "media": edition.profile(f"{path}/character-media"),
    }
    if subject.class_id == HUNTER:
        document["hunter_pets"] = edition.profile(f"{path}/hunter-pets")
    return document


def _progress(edition: Edition, subject: Character) -> Json:
    path = character_path(subject)
    return {
        "last_login_timestamp": subject.snapshot * 1000,
        "average_item_level": subject.average_item_level,
        "equipped_item_level": subject.equipped_item_level,
        "specializations": edition.profile(f"{path}/specializations"),
        "statistics": edition.profile(f"{path}/statistics"),
        "mythic_keystone_profile": edition.profile(f"{path}/mythic-keystone-profile"),
    }


def _possessions(edition: Edition, subject: Character) -> Json:
    path = character_path(subject)
    document: Json = {
        "equipment": edition.profile(f"{path}/equipment"),
        "appearance": edition.profile(f"{path}/appearance"),
        "collections": edition.profile(f"{path}/collections"),
    }
    title = active_title(edition, subject)
    if title is not None:
        document["active_title"] = title
    document["reputations"] = edition.profile(f"{path}/reputations")
    document["quests"] = edition.profile(f"{path}/quests")
    document["achievements_statistics"] = edition.profile(f"{path}/achievements/statistics")
    document["professions"] = edition.profile(f"{path}/professions")
    if has_covenant(subject):
        document["covenant_progress"] = covenant_progress(edition, subject)
    return document


def spec_entry(edition: Edition, spec_id: int) -> Json:
    """A reference to a specialization, be it a hidden one."""
    return edition.entry("playable-specialization", spec_id, spec_name(spec_id))


def status(edition: Edition, subject: Character) -> Json:
    """Whether the character still is who its id says."""
    return {"_links": _links(edition, subject, "/status"), "id": subject.id, "is_valid": subject.is_valid}


def media(edition: Edition, subject: Character) -> Json:
    """Addresses of the portraits, which the sandbox draws itself."""
    folder = f"{edition.region}/character/{quote(subject.realm.slug)}/{subject.id % 256}"
    return {
        "_links": _links(edition, subject, "/character-media"),
        "character": edition.character(subject),
        "assets": [
            {"key": key, "value": picture(edition, f"{folder}/{subject.id}-{key}")}
            for key in ("avatar", "inset", "main-raw")
        ],
    }
