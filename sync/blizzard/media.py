"""Battle.net's documents of portraits, icons and chosen talents, as frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.blizzard.fields import LARGEST_GAME_DATA_ID, localized
from sync.blizzard.game_data import NamedId
from sync.engine.fields import Entries, Json, list_of, number, optional_text, part

LONGEST_ADDRESS = 500
# The smallest portrait, and the only picture of a class or specialization.
ASSETS = ("avatar", "icon")


@dataclass(frozen=True, slots=True)
class CharacterMedia:
    """`…/character-media`: the character's id, and the address of its portrait; empty without one."""

    id: int
    portrait: str

    @classmethod
    def from_json(cls, json: Json) -> "CharacterMedia":
        """Parse the document. Those of characters not played since 2020 have no `assets`."""
        portrait = picture_address(json) or optional_text(json, "avatar_url", LONGEST_ADDRESS)
        return cls(id=number(part(json, "character"), "id"), portrait=portrait)


@dataclass(frozen=True, slots=True)
class CharacterSpecializations:
    """`…/specializations`: the character's id, and the specializations for which talents are chosen."""

    id: int
    chosen: tuple[NamedId, ...]

    @classmethod
    def from_json(cls, json: Json) -> "CharacterSpecializations":
        """Parse the document, which can list specializations of the class that were never used."""
        used = [one for one in list_of(json, "specializations", optional=True) if _has_talents(one)]
        return cls(
            id=number(part(json, "character"), "id"),
            chosen=tuple(Entries.read(used, _specialization, "specializations")),
        )


@dataclass(frozen=True, slots=True)
class FetchedPicture:
    """The bytes behind the address of a picture, and the content type with which they came; both unchecked."""

    content: bytes
    content_type: str


def picture_address(json: Json) -> str:
    """Return the address of the portrait or icon among the `assets` of a media document; empty without one."""
    for asset in list_of(json, "assets", optional=True):
        if isinstance(asset, Mapping) and asset.get("key") in ASSETS:
            return optional_text(asset, "value", LONGEST_ADDRESS)
    return ""


def _has_talents(entry: object) -> bool:
    """Return whether an entry has a loadout; before 2022, talents. Malformed entries are left to the parser."""
    return not isinstance(entry, Mapping) or bool(entry.get("loadouts") or entry.get("talents"))


def _specialization(json: Json) -> NamedId:
    spec = part(json, "specialization")
    return NamedId(id=number(spec, "id", LARGEST_GAME_DATA_ID), name=localized(spec))
