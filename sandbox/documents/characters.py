"""The summary of a character, its status and media.

Keys are in the order of Battle.net's responses; what a character does not have is absent, never null.
"""

from urllib.parse import quote

from sandbox.documents.character_details import active_title, covenant_progress, has_covenant
from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.documents.media import picture
from sandbox.world.gamedata import CLASSES, MAX_LEVEL, RACES, spec_name
from sandbox.world.models import Character

HUNTER = 3


def character(context: DocumentContext, subject: Character) -> Json:
    return {
        **_identity(context, subject),
        **_achievements(context, subject),
        **_progress(context, subject),
        **_possessions(context, subject),
        "name_search": subject.name,
        "is_remix": False,
    }


def _links(context: DocumentContext, subject: Character, document: str = "") -> Json:
    return {"self": context.profile(character_path(subject) + document)}


def _identity(context: DocumentContext, subject: Character) -> Json:
    document: Json = {
        "_links": _links(context, subject),
        "id": subject.id,
        "name": subject.name,
        "gender": context.kind(subject.gender),
        "faction": context.kind(subject.faction),
        "race": context.entry("playable-race", subject.race_id, RACES[subject.race_id].name),
        "character_class": context.entry("playable-class", subject.class_id, CLASSES[subject.class_id].name),
    }
    if subject.spec_id is not None:
        document["active_spec"] = spec_entry(context, subject.spec_id)
    document["realm"] = context.realm(subject.realm)
    if subject.guild is not None:
        document["guild"] = context.guild(subject.guild)
    return document


def _achievements(context: DocumentContext, subject: Character) -> Json:
    path = character_path(subject)
    document: Json = {
        "level": subject.level,
        "experience": 0 if subject.level == MAX_LEVEL else subject.id % 40_000,
        "achievement_points": subject.id * 7 % 31_000,
        "achievements": context.profile(f"{path}/achievements"),
        "titles": context.profile(f"{path}/titles"),
        "pvp_summary": context.profile(f"{path}/pvp-summary"),
        "encounters": context.profile(f"{path}/encounters"),
        "media": context.profile(f"{path}/character-media"),
    }
    if subject.class_id == HUNTER:
        document["hunter_pets"] = context.profile(f"{path}/hunter-pets")
    return document


def _progress(context: DocumentContext, subject: Character) -> Json:
    path = character_path(subject)
    return {
        "last_login_timestamp": subject.snapshot * 1000,
        "average_item_level": subject.average_item_level,
        "equipped_item_level": subject.equipped_item_level,
        "specializations": context.profile(f"{path}/specializations"),
        "statistics": context.profile(f"{path}/statistics"),
        "mythic_keystone_profile": context.profile(f"{path}/mythic-keystone-profile"),
    }


def _possessions(context: DocumentContext, subject: Character) -> Json:
    path = character_path(subject)
    document: Json = {
        "equipment": context.profile(f"{path}/equipment"),
        "appearance": context.profile(f"{path}/appearance"),
        "collections": context.profile(f"{path}/collections"),
    }
    title = active_title(context, subject)
    if title is not None:
        document["active_title"] = title
    document["reputations"] = context.profile(f"{path}/reputations")
    document["quests"] = context.profile(f"{path}/quests")
    document["achievements_statistics"] = context.profile(f"{path}/achievements/statistics")
    document["professions"] = context.profile(f"{path}/professions")
    if has_covenant(subject):
        document["covenant_progress"] = covenant_progress(context, subject)
    return document


def spec_entry(context: DocumentContext, spec_id: int) -> Json:
    """Return a reference to a specialization, even a hidden one."""
    return context.entry("playable-specialization", spec_id, spec_name(spec_id))


def status(context: DocumentContext, subject: Character) -> Json:
    """Render the status: ``is_valid`` tells whether the id is still valid."""
    return {"_links": _links(context, subject, "/status"), "id": subject.id, "is_valid": subject.is_valid}


def media(context: DocumentContext, subject: Character) -> Json:
    """Render links to the portraits, which the sandbox draws."""
    folder = f"{context.region}/character/{quote(subject.realm.slug)}/{subject.id % 256}"
    return {
        "_links": _links(context, subject, "/character-media"),
        "character": context.character(subject),
        "assets": [
            {"key": key, "value": picture(context, f"{folder}/{subject.id}-{key}")}
            for key in ("avatar", "inset", "main-raw")
        ],
    }
