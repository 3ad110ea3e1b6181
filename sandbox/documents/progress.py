"""What a character has done in keystone dungeons and raids: small, invented, and true to the forms."""

from sandbox.documents.characters import spec_entry
from sandbox.documents.edition import Edition, Json, character_path
from sandbox.world.gamedata import MAX_LEVEL, RACES
from sandbox.world.models import Character

_PERIOD, _SEASONS = 1091, (15, 14)
_DUNGEON = (561, "The Flooded Archive")
_AFFIXES = ((9, "Tyrannical"), (10, "Fortified"))
_EXPANSION, _CURRENT_SEASON = (516, "Midnight"), (505, "Current Season")
_RAID = (1401, "The Sunken Choir")
_BOSSES = ((2901, "Cantor Ulm"), (2902, "The Drowned Pair"), (2903, "Mother Brine"), (2904, "Ossifex"))


def _plays_hard(subject: Character) -> bool:
    return subject.level == MAX_LEVEL and subject.spec_id is not None and subject.id % 4 != 0


def keystones(edition: Edition, subject: Character) -> Json:
    """The keystone profile: seasons, runs and rating only for those who have played."""
    period: Json = {"key": edition.dynamic(f"mythic-keystone/period/{_PERIOD}"), "id": _PERIOD}
    document: Json = {
        "_links": {"self": edition.profile(f"{character_path(subject)}/mythic-keystone-profile")},
        "current_period": {"period": period},
    }
    if _plays_hard(subject):
        document["current_period"]["best_runs"] = [_run(edition, subject)]
        document["seasons"] = [
            {"key": edition.dynamic(f"mythic-keystone/season/{season}"), "id": season} for season in _SEASONS
        ]
    document["character"] = edition.character(subject)
    if _plays_hard(subject):
        colour = {"r": 163, "g": 53, "b": 238, "a": 1.0}
        document["current_mythic_rating"] = {"color": colour, "rating": 900.5 + subject.id % 2000}
    return document


def _run(edition: Edition, subject: Character) -> Json:
    return {
        "completed_timestamp": (subject.snapshot - 3600) * 1000,
        "duration": 1_500_000 + subject.id % 500_000,
        "keystone_level": 2 + subject.id % 14,
        "keystone_affixes": [edition.entry("keystone-affix", *affix) for affix in _AFFIXES],
        "members": [_participant(edition, subject)],
        "dungeon": {
            "key": edition.dynamic(f"mythic-keystone/dungeon/{_DUNGEON[0]}"),
            "name": edition.text(_DUNGEON[1]),
            "id": _DUNGEON[0],
        },
        "is_completed_within_time": subject.id % 3 != 0,
    }


def _participant(edition: Edition, subject: Character) -> Json:
    realm = edition.nameless_realm(subject.realm)
    return {
        "character": {"name": subject.name, "id": subject.id, "realm": realm},
        "specialization": spec_entry(edition, subject.spec_id or 0),
        "race": edition.entry("playable-race", subject.race_id, RACES[subject.race_id].name),
        "equipped_item_level": subject.equipped_item_level,
    }


def raids(edition: Edition, subject: Character) -> Json:
    """The raid encounters. The pseudo expansion "Current Season" repeats the present raid, as it really does."""
    document: Json = {
        "_links": {"self": edition.profile(f"{character_path(subject)}/encounters/raids")},
        "character": edition.character(subject),
    }
    if _plays_hard(subject):
        instance = _instance(edition, subject)
        document["expansions"] = [
            {"expansion": edition.entry("journal-expansion", *expansion), "instances": [instance]}
            for expansion in (_EXPANSION, _CURRENT_SEASON)
        ]
    return document


def _instance(edition: Edition, subject: Character) -> Json:
    defeated = _BOSSES[: 1 + subject.id % len(_BOSSES)]
    return {
        "instance": edition.entry("journal-instance", *_RAID),
        "modes": [
            {
                "difficulty": edition.kind("NORMAL"),
                "status": edition.kind("COMPLETE" if len(defeated) == len(_BOSSES) else "IN_PROGRESS"),
                "progress": {
                    "completed_count": len(defeated),
                    "total_count": len(_BOSSES),
                    "encounters": [_kill(edition, subject, boss) for boss in defeated],
                },
            }
        ],
    }


def _kill(edition: Edition, subject: Character, boss: tuple[int, str]) -> Json:
    return {
        "encounter": edition.entry("journal-encounter", *boss),
        "completed_count": 1 + subject.id % 5,
        "last_kill_timestamp": (subject.snapshot - 7200) * 1000,
    }
