"""The bosses a character has defeated in raids and dungeons."""

from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.documents.journal import difficulty, encounter_entry, instance_entry
from sandbox.documents.keystone_profiles import plays_endgame
from sandbox.world.clock import DAY
from sandbox.world.content.journal import (
    CURRENT_EXPANSION,
    CURRENT_SEASON,
    DUNGEON,
    EXPANSIONS,
    RAID,
    Encounter,
    Instance,
    instances_of,
)
from sandbox.world.models import Character


def summary(context: DocumentContext, subject: Character) -> Json:
    path = f"{character_path(subject)}/encounters"
    return {
        "_links": {"self": context.profile(path)},
        "character": context.character(subject),
        "dungeons": context.profile(f"{path}/dungeons"),
        "raids": context.profile(f"{path}/raids"),
    }


def raids(context: DocumentContext, subject: Character) -> Json:
    """Render the raids. As at Battle.net, the pseudo expansion "Current Season" repeats those of the season."""
    document: Json = {
        "_links": {"self": context.profile(f"{character_path(subject)}/encounters/raids")},
        "character": context.character(subject),
    }
    return document | _expansions(context, subject, RAID)


def dungeons(context: DocumentContext, subject: Character) -> Json:
    """Render the dungeons. As at Battle.net, the document does not name the character."""
    path = f"{character_path(subject)}/encounters/dungeons"
    return {"_links": {"self": context.profile(path)}} | _expansions(context, subject, DUNGEON)


def _expansions(context: DocumentContext, subject: Character, category: str) -> Json:
    """Return the list by expansion; it is absent if no boss was defeated."""
    if not plays_endgame(subject):
        return {}
    listed = []
    for number, name in EXPANSIONS.items():
        if number == CURRENT_SEASON and category != RAID:
            continue
        instances = [_instance(context, subject, one) for one in instances_of(number, category)]
        if visited := [one for one in instances if one["modes"]]:
            listed.append({"expansion": context.entry("journal-expansion", number, name), "instances": visited})
    return {"expansions": listed} if listed else {}


def _instance(context: DocumentContext, subject: Character, instance: Instance) -> Json:
    modes = ((mode, _defeated(subject, instance, place)) for place, mode in enumerate(instance.modes))
    return {
        "instance": instance_entry(context, instance),
        "modes": [_mode(context, subject, instance, mode, kills) for mode, kills in modes if kills],
    }


def _defeated(subject: Character, instance: Instance, place: int) -> tuple[Encounter, ...]:
    """Return the defeated bosses in a mode, by its place from easiest (0) to hardest: fewer in each."""
    bosses = len(instance.encounters)
    if instance.expansion_id == CURRENT_EXPANSION:
        count = bosses + 1 - subject.id % 5 - place * 2
    else:
        count = (subject.id // (instance.id % 7 + 2) + instance.id) % (bosses + 3) - place
    return instance.encounters[: max(0, count)]


def _mode(
    context: DocumentContext, subject: Character, instance: Instance, mode: str, kills: tuple[Encounter, ...]
) -> Json:
    total = len(instance.encounters)
    status = ("COMPLETE", "Complete") if len(kills) == total else ("IN_PROGRESS", "In Progress")
    return {
        "difficulty": difficulty(context, mode),
        "status": context.kind(*status),
        "progress": {
            "completed_count": len(kills),
            "total_count": total,
            "encounters": [_kill(context, subject, boss) for boss in kills],
        },
    }


def _kill(context: DocumentContext, subject: Character, boss: Encounter) -> Json:
    ago = 7200 + (subject.id + boss.id) % 20 * DAY
    return {
        "encounter": encounter_entry(context, boss),
        "completed_count": 1 + (subject.id + boss.id) % 9,
        "last_kill_timestamp": (subject.snapshot - ago) * 1000,
    }
