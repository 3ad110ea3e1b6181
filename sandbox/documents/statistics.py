"""A character's attributes and achievement statistics."""

from sandbox.documents.context import DocumentContext, Json, character_path
from sandbox.world.content.journal import ENCOUNTERS
from sandbox.world.gamedata import CLASSES, SPECS, primary_stat
from sandbox.world.models import Character

_KILLS = 8


def statistics(context: DocumentContext, subject: Character) -> Json:
    """Render health, attributes and ratings, in proportion to the item level."""
    level = subject.equipped_item_level
    power = CLASSES[subject.class_id].power
    document: Json = {
        "_links": {"self": context.profile(f"{character_path(subject)}/statistics")},
        "health": 640 * level + 20 * subject.level,
        "power": 100,
        "power_type": context.entry("power-type", *power),
        "speed": _rating(0),
        **_attributes(subject),
        "melee_crit": _rating(level, 5),
        "melee_haste": _rating(level // 2, 1),
        "mastery": _rating(level * 2, 8),
        "bonus_armor": 0,
        "lifesteal": _rating(level // 3, 0),
        "versatility": level // 2,
        **{f"versatility_{kind}_bonus": round(level / 40, 4) for kind in ("damage_done", "healing_done")},
        "versatility_damage_taken_bonus": round(level / 80, 4),
        "avoidance": _rating(level // 9),
        "attack_power": level * 4,
    }
    for hand, share in (("main", 1.0), ("off", 0.5)):
        document |= {
            f"{hand}_hand_damage_min": round(level * 3.25 * share, 3),
            f"{hand}_hand_damage_max": round(level * 3.75 * share, 3),
            f"{hand}_hand_speed": 1.8,
            f"{hand}_hand_dps": round(level * 3.5 * share / 1.8, 3),
        }
    document |= {"spell_power": level * 4, "spell_penetration": 0, "spell_crit": _rating(level, 5)}
    document |= {"mana_regen": 0, "mana_regen_combat": 0, "armor": {"base": 0, "effective": level * 20}}
    document |= {name: _rating(0, base) for name, base in (("dodge", 3), ("parry", 3), ("block", 0))}
    document |= {"ranged_crit": _rating(level, 5), "ranged_haste": _rating(level // 2, 1)}
    document["spell_haste"] = _rating(level // 2, 1)
    document["character"] = context.character(subject)
    return document


def _attributes(subject: Character) -> Json:
    spec = SPECS.get(subject.spec_id or 0) or CLASSES[subject.class_id].specs[0]
    main, level = primary_stat(spec).lower(), subject.equipped_item_level
    attributes = {
        name: {"base": 100 + subject.level, "effective": 100 + subject.level + (level * 4 if name == main else 0)}
        for name in ("strength", "agility", "intellect")
    }
    return {**attributes, "stamina": {"base": 100 + subject.level, "effective": 100 + level * 30}}


def _rating(normalized: int, base: int | None = None) -> Json:
    bonus = round(normalized / 14, 4)
    rating: Json = {"rating_bonus": bonus}
    if base is not None:
        rating["value"] = base + bonus
    return rating | {"rating_normalized": normalized}


def achievement_statistics(context: DocumentContext, subject: Character) -> Json:
    """Render achievement statistics: a few about the character, and boss kills."""
    when = subject.snapshot * 1000
    counted = {"last_updated_timestamp": when}
    return {
        "_links": {"self": context.profile(f"{character_path(subject)}/achievements/statistics")},
        "character": context.character(subject),
        "categories": [
            {
                "id": 130,
                "name": context.text("Character"),
                "sub_categories": [
                    {
                        "id": 145,
                        "name": context.text("Consumables"),
                        "statistics": [
                            {"id": 344, "name": context.text("Bandages used"), **counted, "quantity": subject.id % 300},
                            {
                                "id": 1125,
                                "name": context.text("Bandage used most"),
                                "description": context.text("Patchwork Bandage"),
                                **counted,
                                "quantity": subject.id % 100,
                            },
                        ],
                    }
                ],
                "statistics": [
                    {"id": 1149, "name": context.text("Talent tree respecs"), **counted, "quantity": subject.id % 60}
                ],
            },
            {
                "id": 14807,
                "name": context.text("Dungeons & Raids"),
                "sub_categories": [_kills(context, subject)],
            },
        ],
    }


def _kills(context: DocumentContext, subject: Character) -> Json:
    return {
        "id": 15_900,
        "name": context.text("Midnight"),
        "statistics": [
            {
                "id": 41_000 + boss.id,
                "name": context.text(f"{boss.name} kills (Normal)"),
                "last_updated_timestamp": subject.snapshot * 1000,
                "quantity": 1 + subject.id % 9,
            }
            for boss in list(ENCOUNTERS.values())[:_KILLS]
        ],
    }
