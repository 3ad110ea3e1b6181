"""The models of Destiny 2."""

from destiny.manifest.models import Definition, Edition, ManifestFile
from destiny.models.accounts import BungieAccount, DestinyMembership
from destiny.models.guardians import DestinyProfile, Guardian
from destiny.models.items import Item
from destiny.models.plans import MovePlan, MoveStep

__all__ = (
    "BungieAccount",
    "Definition",
    "DestinyMembership",
    "DestinyProfile",
    "Edition",
    "Guardian",
    "Item",
    "ManifestFile",
    "MovePlan",
    "MoveStep",
)
