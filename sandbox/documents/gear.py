"""What a character wears: invented items whose levels agree with the summary."""

from sandbox.documents.edition import Edition, Json, character_path
from sandbox.world.gamedata import MAX_LEVEL
from sandbox.world.models import Character

_SLOTS = (
    ("HEAD", "Head", "Cowl"), ("NECK", "Neck", "Torc"), ("SHOULDER", "Shoulders", "Mantle"),
    ("BACK", "Back", "Cloak"), ("CHEST", "Chest", "Coat"), ("WRIST", "Wrist", "Cuffs"), ("HANDS", "Hands", "Mitts"),
    ("WAIST", "Waist", "Belt"), ("LEGS", "Legs", "Breeches"), ("FEET", "Feet", "Boots"),
    ("FINGER_1", "Ring 1", "Band"), ("FINGER_2", "Ring 2", "Signet"), ("TRINKET_1", "Trinket 1", "Thimble"),
    ("TRINKET_2", "Trinket 2", "Locket"), ("MAIN_HAND", "Main Hand", "Crook"),
)  # fmt: skip
_MAKERS = ("Fenwright's", "Orchardist's", "Ferryman's", "Lampmaker's", "Quarryman's")
_FIRST_ITEM = 400_000


def equipment(edition: Edition, subject: Character) -> Json:
    """The items worn; the key is absent for a character who wears none."""
    document: Json = {
        "_links": {"self": edition.profile(f"{character_path(subject)}/equipment")},
        "character": edition.character(subject),
    }
    if subject.equipped_item_level > 0:
        document["equipped_items"] = [_item(edition, subject, place) for place in range(len(_SLOTS))]
    return document


def _item(edition: Edition, subject: Character, place: int) -> Json:
    slot, slot_name, piece = _SLOTS[place]
    maker = (subject.id + place) % len(_MAKERS)
    number = _FIRST_ITEM + place * len(_MAKERS) + maker
    level = subject.equipped_item_level
    return {
        "item": edition.nameless("item", number),
        "slot": edition.kind(slot, slot_name),
        "quantity": 1,
        "quality": edition.kind("EPIC" if subject.level == MAX_LEVEL else "RARE"),
        "name": edition.text(f"{_MAKERS[maker]} {piece}"),
        "media": edition.nameless("media/item", number),
        "level": {"value": level, "display_string": edition.text(f"Item Level {level}")},
    }
