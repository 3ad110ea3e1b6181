"""The adventure journal: expansions, instances, encounters (static namespace)."""

from sandbox.documents.context import Edition, Json
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


def expansion_index(edition: Edition, world: World) -> Json:
    """All expansions, the pseudo expansion "Current Season" among them."""
    return {
        "_links": {"self": edition.static("journal-expansion/")},
        "tiers": [edition.entry("journal-expansion", number, name) for number, name in EXPANSIONS.items()],
    }


def expansion(edition: Edition, number: int) -> Json:
    """An expansion with its dungeons and raids; a list that would be empty is left out."""
    document: Json = {
        "_links": {"self": edition.static(f"journal-expansion/{number}")},
        "id": number,
        "name": edition.text(EXPANSIONS[number]),
    }
    for key, category in (("dungeons", DUNGEON), ("raids", RAID)):
        if found := instances_of(number, category):
            document[key] = [instance_entry(edition, one) for one in found]
    return document


def instance_entry(edition: Edition, subject: Instance) -> Json:
    """A reference to an instance."""
    return edition.entry("journal-instance", subject.id, subject.name)


def encounter_entry(edition: Edition, subject: Encounter) -> Json:
    """A reference to an encounter."""
    return edition.entry("journal-encounter", subject.id, subject.name)


def difficulty(edition: Edition, mode: str) -> Json:
    """A difficulty with its name in the game."""
    return edition.kind(mode, DIFFICULTIES[mode][0])


def instance_index(edition: Edition, world: World) -> Json:
    """All instances by name."""
    return {
        "_links": {"self": edition.static("journal-instance/")},
        "instances": [instance_entry(edition, one) for one in INSTANCES.values()],
    }


def instance(edition: Edition, subject: Instance) -> Json:
    """A raid, or a dungeon, which alone has an area and a location."""
    document: Json = {
        "_links": {"self": edition.static(f"journal-instance/{subject.id}")},
        "id": subject.id,
        "name": edition.text(subject.name),
        "map": {"name": edition.text(subject.name), "id": subject.map_id},
    }
    if subject.category == DUNGEON:
        document["area"] = {"name": edition.text(subject.name), "id": subject.id + 14_000}
    document |= {
        "description": edition.text(f"{subject.name} has stood empty for long, and does so no more."),
        "encounters": [encounter_entry(edition, one) for one in subject.encounters],
        "expansion": edition.entry("journal-expansion", subject.expansion_id, EXPANSIONS[subject.expansion_id]),
    }
    if subject.category == DUNGEON:
        document["location"] = {"name": edition.text("Ferrymoor"), "id": 9911}
    document |= {
        "modes": [_mode(edition, subject, mode) for mode in subject.modes],
        "media": edition.nameless("media/journal-instance", subject.id),
        "minimum_level": 80,
        "category": {"type": subject.category},
        "order_index": subject.id % 10,
    }
    return document


def _mode(edition: Edition, subject: Instance, mode: str) -> Json:
    return {"mode": difficulty(edition, mode), "players": subject.players(mode), "is_tracked": True}


def encounter_index(edition: Edition, world: World) -> Json:
    """All encounters by name."""
    return {
        "_links": {"self": edition.static("journal-encounter/")},
        "encounters": [encounter_entry(edition, one) for one in ENCOUNTERS.values()],
    }


def encounter(edition: Edition, subject: Encounter) -> Json:
    """A boss with what it leaves behind."""
    home = INSTANCES[subject.instance_id]
    display = FIRST_CREATURE_DISPLAY + subject.id
    return {
        "_links": {"self": edition.static(f"journal-encounter/{subject.id}")},
        "id": subject.id,
        "name": edition.text(subject.name),
        "description": edition.text(f"{subject.name} is the reason why {home.name} is avoided."),
        "creatures": [
            {
                "id": subject.id + 3000,
                "name": edition.text(subject.name),
                "creature_display": edition.nameless("media/creature-display", display),
            }
        ],
        "items": [_loot(edition, subject, place) for place in range(_LOOT)],
        "sections": [_section(edition, subject, display)],
        "instance": instance_entry(edition, home),
        "category": {"type": home.category},
        "modes": [difficulty(edition, mode) for mode in home.modes],
    }


def _loot(edition: Edition, subject: Encounter, place: int) -> Json:
    items = list(ITEMS.values())
    item = items[(subject.id * _LOOT + place) % len(items)]
    return {"id": subject.id * _LOOT + place, "item": edition.entry("item", item.id, item.name)}


def _section(edition: Edition, subject: Encounter, display: int) -> Json:
    """Sections hold sections, three deep."""

    def part(number: int, title: str) -> Json:
        return {"id": subject.id * 10 + number, "title": edition.text(title)}

    summoned = part(2, "Echo") | {
        "body_text": edition.text("This echo has very little health."),
        "creature_display": edition.nameless("media/creature-display", display),
    }
    inner = part(1, "First Verse") | {"body_text": edition.text("Calls an echo."), "sections": [summoned]}
    return part(0, "Stage One") | {"body_text": edition.text("It begins quietly."), "sections": [inner]}
