"""The documents of a guild, all of one snapshot."""

from sandbox.documents.context import Edition, Json, character_path, guild_path
from sandbox.documents.possessions import achieved
from sandbox.world.content.catalog import GUILD_ACHIEVEMENTS
from sandbox.world.models import Character, Guild

_COLORS = ((223, 165, 90), (249, 204, 48), (44, 106, 174), (158, 0, 54))


def guild(edition: Edition, subject: Guild) -> Json:
    """The summary."""
    path = guild_path(subject)
    return {
        "_links": {"self": edition.profile(path)},
        "id": subject.id,
        "name": subject.name,
        "faction": edition.kind(subject.faction),
        "achievement_points": subject.id % 4000,
        "member_count": subject.cut.member_count if subject.cut else len(subject.members),
        "realm": edition.realm(subject.realm),
        "crest": _crest(edition, subject),
        "roster": edition.profile(f"{path}/roster"),
        "achievements": edition.profile(f"{path}/achievements"),
        "created_timestamp": subject.created * 1000,
        "activity": edition.profile(f"{path}/activity"),
        "name_search": subject.name,
    }


def _crest(edition: Edition, subject: Guild) -> Json:
    def part(kind: str, number: int, color: int) -> Json:
        return {
            "id": number,
            "media": edition.nameless(f"media/guild-crest/{kind}", number),
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


def roster(edition: Edition, subject: Guild) -> Json:
    """Every member, in ascending order of character ids; realms, classes and races without names."""
    members = sorted(subject.members, key=lambda member: (member.id, member.realm.id))
    if subject.cut is not None:
        members = members[: subject.cut.members]
    return {
        "_links": {"self": edition.profile(f"{guild_path(subject)}/roster")},
        "guild": edition.guild(subject),
        "members": [{"character": _member(edition, member), "rank": member.rank} for member in members],
    }


def achievements(edition: Edition, subject: Guild) -> Json:
    """The guild's achievements."""
    return {
        "_links": {"self": edition.profile(f"{guild_path(subject)}/achievements")},
        "guild": edition.guild(subject),
        **achieved(edition, GUILD_ACHIEVEMENTS, subject.id, subject.snapshot),
    }


def _member(edition: Edition, member: Character) -> Json:
    document: Json = {"key": edition.profile(character_path(member))} if edition.with_key else {}
    document |= {
        "name": member.name,
        "id": member.id,
        "realm": edition.nameless_realm(member.realm),
        "level": member.level,
        "playable_class": edition.nameless("playable-class", member.class_id),
        "playable_race": edition.nameless("playable-race", member.race_id),
    }
    if edition.with_faction:
        document["faction"] = {"type": member.faction}
    return document


def activity(edition: Edition, subject: Guild) -> Json:
    """Nothing ever happens that the API would tell of, so that the list is absent, as it then really is."""
    return {
        "_links": {"self": edition.profile(f"{guild_path(subject)}/activity")},
        "guild": edition.guild(subject),
    }
