"""Documents of a guild."""

from sandbox.documents.character_details import achieved
from sandbox.documents.context import DocumentContext, Json, character_path, guild_path
from sandbox.world.content.catalog import GUILD_ACHIEVEMENTS
from sandbox.world.models import Character, Guild

_COLORS = ((223, 165, 90), (249, 204, 48), (44, 106, 174), (158, 0, 54))


def guild(context: DocumentContext, subject: Guild) -> Json:
    path = guild_path(subject)
    return {
        "_links": {"self": context.profile(path)},
        "id": subject.id,
        "name": subject.name,
        "faction": context.kind(subject.faction),
        "achievement_points": subject.id % 4000,
        "member_count": subject.cut.member_count if subject.cut else len(subject.members),
        "realm": context.realm(subject.realm),
        "crest": _crest(context, subject),
        "roster": context.profile(f"{path}/roster"),
        "achievements": context.profile(f"{path}/achievements"),
        "created_timestamp": subject.created * 1000,
        "activity": context.profile(f"{path}/activity"),
        "name_search": subject.name,
    }


def _crest(context: DocumentContext, subject: Guild) -> Json:
    def part(kind: str, number: int, color: int) -> Json:
        return {
            "id": number,
            "media": context.nameless(f"media/guild-crest/{kind}", number),
            "color": _color(color),
        }

    return {
        "emblem": part("emblem", subject.id % 190, subject.id % 4),
        "border": part("border", subject.id % 6, subject.id // 4 % 4),
        "background": {"color": _color(subject.id // 16 % 4)},
    }


def _color(number: int) -> Json:
    red, green, blue = _COLORS[number]
    return {"id": number, "rgba": {"r": red, "g": green, "b": blue, "a": 1.0}}


def roster(context: DocumentContext, subject: Guild) -> Json:
    """Render the roster, ordered by character id; realms, classes and races have no names."""
    members = sorted(subject.members, key=lambda member: (member.id, member.realm.id))
    if subject.cut is not None:
        members = members[: subject.cut.members]
    return {
        "_links": {"self": context.profile(f"{guild_path(subject)}/roster")},
        "guild": context.guild(subject),
        "members": [{"character": _member(context, member), "rank": member.rank} for member in members],
    }


def achievements(context: DocumentContext, subject: Guild) -> Json:
    return {
        "_links": {"self": context.profile(f"{guild_path(subject)}/achievements")},
        "guild": context.guild(subject),
        **achieved(context, GUILD_ACHIEVEMENTS, subject.id, subject.snapshot),
    }


def _member(context: DocumentContext, member: Character) -> Json:
    document: Json = {"key": context.profile(character_path(member))} if context.with_key else {}
    document |= {
        "name": member.name,
        "id": member.id,
        "realm": context.nameless_realm(member.realm),
        "level": member.level,
        "playable_class": context.nameless("playable-class", member.class_id),
        "playable_race": context.nameless("playable-race", member.race_id),
    }
    if context.with_faction:
        document["faction"] = {"type": member.faction}
    return document


def activity(context: DocumentContext, subject: Guild) -> Json:
    """Render the activity: always empty, so the list is absent."""
    return {
        "_links": {"self": context.profile(f"{guild_path(subject)}/activity")},
        "guild": context.guild(subject),
    }
