"""The adventure journal: expansions, instances, encounters (static namespace)."""

from sandbox.documents.context import DocumentContext, Json
from sandbox.world.content.items import ITEMS
from sandbox.world.content.journal import (
    DIFFICULTIES,
    DUNGEON,
    ENCOUNTERS,
    EXPANSIONS,
    INSTANCES,
    RAID,
    Encounter,
    Instance,
    instances_of,
)
from sandbox.world.world import World

FIRST_CREATURE_DISPLAY = 95_000
_LOOT = 3


def expansion_index(context: DocumentContext, world: World) -> Json:
    """Render all expansions, including the pseudo expansion "Current Season"."""
    return {
        "_links": {"self": context.static("journal-expansion/")},
        "tiers": [context.entry("journal-expansion", number, name) for number, name in EXPANSIONS.items()],
    }


def expansion(context: DocumentContext, number: int) -> Json:
    """Render an expansion with its dungeons and raids; empty lists are absent."""
    document: Json = {
        "_links": {"self": context.static(f"journal-expansion/{number}")},
        "id": number,
        "name": context.text(EXPANSIONS[number]),
    }
    for key, category in (("dungeons", DUNGEON), ("raids", RAID)):
        if found := instances_of(number, category):
            document[key] = [instance_entry(context, one) for one in found]
    return document


def instance_entry(context: DocumentContext, subject: Instance) -> Json:
    return context.entry("journal-instance", subject.id, subject.name)


def encounter_entry(context: DocumentContext, subject: Encounter) -> Json:
    return context.entry("journal-encounter", subject.id, subject.name)


def difficulty(context: DocumentContext, mode: str) -> Json:
    return context.kind(mode, DIFFICULTIES[mode][0])


def instance_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("journal-instance/")},
        "instances": [instance_entry(context, one) for one in INSTANCES.values()],
    }


def instance(context: DocumentContext, subject: Instance) -> Json:
    """Render a raid or a dungeon; only dungeons have an area and a location."""
    document: Json = {
        "_links": {"self": context.static(f"journal-instance/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "map": {"name": context.text(subject.name), "id": subject.map_id},
    }
    if subject.category == DUNGEON:
        document["area"] = {"name": context.text(subject.name), "id": subject.id + 14_000}
    document |= {
        "description": context.text(f"{subject.name} has stood empty for long, and does so no more."),
        "encounters": [encounter_entry(context, one) for one in subject.encounters],
        "expansion": context.entry("journal-expansion", subject.expansion_id, EXPANSIONS[subject.expansion_id]),
    }
    if subject.category == DUNGEON:
        document["location"] = {"name": context.text("Ferrymoor"), "id": 9911}
    document |= {
        "modes": [_mode(context, subject, mode) for mode in subject.modes],
        "media": context.nameless("media/journal-instance", subject.id),
        "minimum_level": 80,
        "category": {"type": subject.category},
        "order_index": subject.id % 10,
    }
    return document


def _mode(context: DocumentContext, subject: Instance, mode: str) -> Json:
    return {"mode": difficulty(context, mode), "players": subject.players(mode), "is_tracked": True}


def encounter_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("journal-encounter/")},
        "encounters": [encounter_entry(context, one) for one in ENCOUNTERS.values()],
    }


def encounter(context: DocumentContext, subject: Encounter) -> Json:
    """Render a boss with its loot."""
    home = INSTANCES[subject.instance_id]
    display = FIRST_CREATURE_DISPLAY + subject.id
    return {
        "_links": {"self": context.static(f"journal-encounter/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "description": context.text(f"{subject.name} is the reason why {home.name} is avoided."),
        "creatures": [
            {
                "id": subject.id + 3000,
                "name": context.text(subject.name),
                "creature_display": context.nameless("media/creature-display", display),
            }
        ],
        "items": [_loot(context, subject, place) for place in range(_LOOT)],
        "sections": [_section(context, subject, display)],
        "instance": instance_entry(context, home),
        "category": {"type": home.category},
        "modes": [difficulty(context, mode) for mode in home.modes],
    }


def _loot(context: DocumentContext, subject: Encounter, place: int) -> Json:
    items = list(ITEMS.values())
    item = items[(subject.id * _LOOT + place) % len(items)]
    return {"id": subject.id * _LOOT + place, "item": context.entry("item", item.id, item.name)}


def _section(context: DocumentContext, subject: Encounter, display: int) -> Json:
    """Return the sections, nested three levels deep."""

    def part(number: int, title: str) -> Json:
        return {"id": subject.id * 10 + number, "title": context.text(title)}

    summoned = part(2, "Echo") | {
        "body_text": context.text("This echo has very little health."),
        "creature_display": context.nameless("media/creature-display", display),
    }
    inner = part(1, "First Verse") | {"body_text": context.text("Calls an echo."), "sections": [summoned]}
    return part(0, "Stage One") | {"body_text": context.text("It begins quietly."), "sections": [inner]}
