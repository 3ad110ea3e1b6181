"""Smaller documents of a character: collections, professions, achievements, reputations, quests and so on."""

from collections.abc import Callable
from typing import Any

from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.world.content.catalog import (
    ACHIEVEMENT_CATEGORIES,
    ACHIEVEMENTS,
    APPEARANCE_SETS,
    ARCHAEOLOGY,
    CHARACTER_ACHIEVEMENTS,
    COVENANTS,
    HEIRLOOMS,
    PETS,
    PROFESSIONS,
    QUESTS,
    RECIPES,
    REPUTATIONS,
    SECONDARY_PROFESSIONS,
    TIERS,
    TITLES,
)
from sandbox.world.gamedata import MOUNTS, TOYS
from sandbox.world.models import Character

_SKILL = 100
COLLECTIONS = ("pets", "mounts", "heirlooms", "toys", "transmogs")
_PRIMARY = tuple(number for number in PROFESSIONS if number not in SECONDARY_PROFESSIONS)


def _links(context: DocumentContext, subject: Character, document: str) -> Json:
    return {"self": context.profile(f"{character_path(subject)}/{document}")}


def _headed(context: DocumentContext, subject: Character, document: str) -> Json:
    return {"_links": _links(context, subject, document), "character": context.character(subject)}


def collections(context: DocumentContext, subject: Character) -> Json:
    """Render links to the collections, which do not name the character."""
    path = f"{character_path(subject)}/collections"
    return {
        "_links": {"self": context.profile(path)},
        **{name: context.profile(f"{path}/{name}") for name in COLLECTIONS},
    }


def collected(kind: str) -> Callable[[DocumentContext, Character], Json]:
    """Return a renderer of a collection: "mount", "toy", "pet" or "heirloom"."""
    names = {"mount": MOUNTS, "toy": TOYS, "pet": PETS, "heirloom": HEIRLOOMS}[kind]

    def render(context: DocumentContext, subject: Character) -> Json:
        owned = subject.owner and {"mount": subject.owner.mounts, "toy": subject.owner.toys}.get(kind)
        numbers = owned or [number for number in names if (number + subject.id) % 4 == 0]
        return {
            "_links": _links(context, subject, f"collections/{kind}s"),
            f"{kind}s": [_collected(context, subject, kind, number, names[number]) for number in numbers],
        }

    return render


def _collected(context: DocumentContext, subject: Character, kind: str, number: int, name: str) -> Json:
    """Return an entry. ``is_useable`` of a mount can be false, ``is_favorite`` is true or absent."""
    entry: Json = {kind: context.entry(kind, number, name)}
    if kind == "pet":
        entry = {"species": context.entry(kind, number, name), "level": 25, "id": subject.id * 10 + number % 10}
    if number % 5 == 0:
        entry["is_favorite"] = True
    if kind == "mount":
        entry["is_useable"] = number % 3 != 0
    return entry


def transmogs(context: DocumentContext, subject: Character) -> Json:
    return {
        "_links": _links(context, subject, "collections/transmogs"),
        "appearance_sets": [
            context.entry("item-appearance-set", number, name) for number, name in APPEARANCE_SETS.items()
        ],
    }


def professions(context: DocumentContext, subject: Character) -> Json:
    """Render two primary professions, and all secondary ones."""
    first = subject.id % len(_PRIMARY)
    chosen = (_PRIMARY[first], _PRIMARY[(first + 3) % len(_PRIMARY)])
    return {
        **_headed(context, subject, "professions"),
        "primaries": [_profession(context, subject, number) for number in chosen],
        "secondaries": [_profession(context, subject, number) for number in SECONDARY_PROFESSIONS],
    }


def _profession(context: DocumentContext, subject: Character, number: int) -> Json:
    """Return a profession with its tier; archaeology has none."""
    entry: Json = {"profession": context.entry("profession", number, PROFESSIONS[number])}
    points: Json = {"skill_points": 1 + subject.id % _SKILL, "max_skill_points": _SKILL}
    if number == ARCHAEOLOGY:
        return entry | points
    tier_id, tier_name = TIERS[number]
    tier: Json = {**points, "tier": {"name": context.text(tier_name), "id": tier_id}}
    tier["known_recipes"] = [
        context.entry("recipe", recipe, name)
        for recipe, name in RECIPES.items()
        if name.endswith(f"({PROFESSIONS[number]})")
    ]
    entry["tiers"] = [tier]
    if number == 202:
        entry["specialization"] = {"name": context.text("Clockwork Engineer")}
    return entry


def achievements(context: DocumentContext, subject: Character) -> Json:
    return _headed(context, subject, "achievements") | achieved(
        context, CHARACTER_ACHIEVEMENTS, subject.id, subject.snapshot
    )


def achieved(context: DocumentContext, numbers: tuple[int, ...], salt: int, moment: int) -> Json:
    """Return achievements of a character or guild: list, progress by category, recent ones."""
    listed = [_achievement(context, number, salt, moment) for number in numbers]
    completed = [one for one in listed if "completed_timestamp" in one]
    categories = sorted({ACHIEVEMENTS[number][1] for number in numbers})
    return {
        "total_quantity": len(completed),
        "total_points": 10 * len(completed),
        "achievements": listed,
        "category_progress": [
            {
                "category": context.entry("achievement-category", number, ACHIEVEMENT_CATEGORIES[number]),
                "quantity": len(completed),
                "points": 10 * len(completed),
            }
            for number in categories
        ],
        "recent_events": [
            {"achievement": one["achievement"], "timestamp": one["completed_timestamp"]} for one in completed[:5]
        ],
    }


def _achievement(context: DocumentContext, number: int, salt: int, moment: int) -> Json:
    is_completed = (salt + number) % 3 != 0
    entry: Json = {
        "id": number,
        "achievement": context.entry("achievement", number, ACHIEVEMENTS[number][0]),
        "criteria": {
            "id": number + 12_000,
            "amount": 9,
            "is_completed": is_completed,
            "child_criteria": [{"id": number + 12_500, "amount": 9, "is_completed": is_completed}],
        },
    }
    if is_completed:
        entry["completed_timestamp"] = (moment - (salt + number) % 900 * 86_400) * 1000
    return entry


def titles(context: DocumentContext, subject: Character) -> Json:
    """Render the titles, and the active one if any."""
    document = _headed(context, subject, "titles")
    active = active_title(context, subject)
    if active is not None:
        document["active_title"] = active
    return document | {"titles": [context.entry("title", number, name) for number, name in TITLES.items()]}


def active_title(context: DocumentContext, subject: Character) -> Any:
    """Return the active title, or None."""
    if subject.id % 3:
        return None
    number = list(TITLES)[subject.id // 3 % len(TITLES)]
    display = context.text(f"{{name}}, {TITLES[number]}")
    return {**context.entry("title", number, TITLES[number]), "display_string": display}


def pvp_summary(context: DocumentContext, subject: Character) -> Json:
    """Render honor. Nobody in this world has a rating, so there are no brackets."""
    document = _headed(context, subject, "pvp-summary")
    return document | {"honor_level": subject.id % 90, "honorable_kills": subject.id % 7000}


def hunter_pets(context: DocumentContext, subject: Character) -> Json:
    """Render a hunter's pets."""
    return _headed(context, subject, "hunter-pets") | {
        "hunter_pets": [{"name": "Thistle", "level": subject.level, "slot": 0, "is_summoned": True}]
    }


def appearance(context: DocumentContext, subject: Character) -> Json:
    document = _headed(context, subject, "appearance")
    return document | {"gender": context.kind(subject.gender), "faction": context.kind(subject.faction), "items": []}


def reputations(context: DocumentContext, subject: Character) -> Json:
    standing = {"raw": 3000, "value": 0, "max": 6000, "tier": 4, "name": context.text("Friendly")}
    return _headed(context, subject, "reputations") | {
        "reputations": [
            {"faction": context.entry("reputation-faction", number, name), "standing": standing}
            for number, name in REPUTATIONS.items()
        ]
    }


def quests(context: DocumentContext, subject: Character) -> Json:
    """Render the quest log, with a link to the completed quests."""
    first = min(QUESTS)
    return _headed(context, subject, "quests") | {
        "in_progress": [context.entry("quest", first, QUESTS[first])],
        "completed": context.profile(f"{character_path(subject)}/quests/completed"),
    }


def completed_quests(context: DocumentContext, subject: Character) -> Json:
    first = min(QUESTS)
    return _headed(context, subject, "quests/completed") | {
        "quests": [context.entry("quest", number, name) for number, name in QUESTS.items() if number != first]
    }


def covenant_progress(context: DocumentContext, subject: Character) -> Json:
    """Return the character's covenant."""
    number = 1 + subject.id % len(COVENANTS)
    return {
        "chosen_covenant": context.entry("covenant", number, COVENANTS[number]),
        "renown_level": 1 + subject.id % 80,
        "soulbinds": context.profile(f"{character_path(subject)}/soulbinds"),
    }


def soulbinds(context: DocumentContext, subject: Character) -> Json:
    """Render the covenant; soulbinds themselves are left out."""
    document = _headed(context, subject, "soulbinds")
    return document | {key: value for key, value in covenant_progress(context, subject).items() if key != "soulbinds"}


def has_covenant(subject: Character) -> bool:
    """Return whether the character has chosen a covenant."""
    return subject.level >= 60 and subject.spec_id is not None and subject.id % 4 == 1
