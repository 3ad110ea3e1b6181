"""Classes, races and specializations (static namespace)."""

from sandbox.documents.catalog import spell_tooltip, tree_link
from sandbox.documents.characters import spec_entry
from sandbox.documents.context import DocumentContext, Json
from sandbox.world.content.talents import SPEC_TREES, hero_trees_of, pvp_talents_of
from sandbox.world.gamedata import (
    CLASSES,
    HIDDEN_SPEC_ID,
    PET_SPECS,
    RACES,
    SPECS,
    PlayableClass,
    Race,
    Specialization,
    primary_stat,
    races_for,
)
from sandbox.world.world import World

# Including those of pets, and the hidden one.
ALL_SPECS = {
    **SPECS,
    **{number: Specialization(number, name, "DAMAGE", 3) for number, name in PET_SPECS.items()},
    HIDDEN_SPEC_ID: Specialization(HIDDEN_SPEC_ID, "Initial", "DAMAGE", 1),
}
# Secondary resources of some classes.
_ADDITIONAL = {7: ((11, "Maelstrom"),), 10: ((0, "Mana"),), 11: ((1, "Rage"), (3, "Energy"))}


def class_index(context: DocumentContext, world: World) -> Json:
    return {
        "_links": {"self": context.static("playable-class/")},
        "classes": [context.entry("playable-class", playable.id, playable.name) for playable in CLASSES.values()],
    }


def playable_class(context: DocumentContext, subject: PlayableClass) -> Json:
    document = {
        "_links": {"self": context.static(f"playable-class/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "gender_name": _both_genders(context, subject.name),
        "power_type": context.entry("power-type", *subject.power),
        "specializations": [spec_entry(context, spec.id) for spec in subject.specs],
        "media": context.nameless("media/playable-class", subject.id),
        "pvp_talent_slots": context.static(f"playable-class/{subject.id}/pvp-talent-slots"),
        "playable_races": [context.entry("playable-race", race.id, race.name) for race in races_for(subject.id)],
    }
    if subject.id in _ADDITIONAL:
        document["additional_power_types"] = [context.entry("power-type", *p) for p in _ADDITIONAL[subject.id]]
    return document


def race_index(context: DocumentContext, world: World) -> Json:
    """Render all races without factions, so some names appear two or three times."""
    return {
        "_links": {"self": context.static("playable-race/")},
        "races": [context.entry("playable-race", race.id, race.name) for race in RACES.values()],
    }


def playable_race(context: DocumentContext, subject: Race) -> Json:
    classes = [playable for playable in CLASSES.values() if subject in races_for(playable.id)]
    return {
        "_links": {"self": context.static(f"playable-race/{subject.id}")},
        "id": subject.id,
        "name": context.text(subject.name),
        "gender_name": _both_genders(context, subject.name),
        "faction": context.kind(subject.faction),
        "is_selectable": True,
        "is_allied_race": subject.allied,
        "playable_classes": [context.entry("playable-class", playable.id, playable.name) for playable in classes],
    }


def spec_index(context: DocumentContext, world: World) -> Json:
    """Render all specializations without roles; pets' specializations have a list of their own."""
    return {
        "_links": {"self": context.static("playable-specialization/")},
        "character_specializations": [spec_entry(context, number) for number in sorted(SPECS)],
        "pet_specializations": [
            context.entry("playable-specialization", number, name) for number, name in PET_SPECS.items()
        ],
    }


def playable_specialization(context: DocumentContext, subject: Specialization) -> Json:
    """Render a specialization; pets' specializations have no talents."""
    owner = CLASSES[subject.class_id]
    document = {
        "_links": {"self": context.static(f"playable-specialization/{subject.id}")},
        "id": subject.id,
        "playable_class": context.entry("playable-class", owner.id, owner.name),
        "name": context.text(subject.name),
        "gender_description": _both_genders(context, f"Plays {owner.name} the {subject.name} way."),
        "media": context.nameless("media/playable-specialization", subject.id),
        "role": context.kind(subject.role),
    }
    if subject.id in SPECS:
        document |= _talents(context, subject)
    return document | {
        "power_type": context.entry("power-type", *owner.power),
        "primary_stat_type": context.kind(primary_stat(subject)),
    }


def _talents(context: DocumentContext, subject: Specialization) -> Json:
    return {
        "pvp_talents": [
            {
                "talent": context.entry("pvp-talent", number, one.name),
                "spell_tooltip": spell_tooltip(context, one, with_spell=False),
            }
            for number, one in pvp_talents_of(subject.class_id).items()
        ],
        "spec_talent_tree": tree_link(context, SPEC_TREES[subject.id]),
        "hero_talent_trees": [tree_link(context, hero) for hero in hero_trees_of(subject.class_id)],
    }


def _both_genders(context: DocumentContext, text: str) -> Json:
    return {"male": context.text(text), "female": context.text(text)}
