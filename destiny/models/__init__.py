"""The models of Destiny 2."""

from destiny.manifest.models import Definition, Edition, ManifestFile
from destiny.models.accounts import BungieAccount, DestinyMembership
from destiny.models.guardians import DestinyProfile, Guardian
from destiny.models.items import Item
from destiny.models.loadouts import Loadout, LoadoutShare
from destiny.models.plans import MovePlan, MoveStep
from destiny.models.vendors import Collection, DismissedNotice, GuardianProgress, Milestone, VendorStock, Wish

__all__ = (
    "BungieAccount",
    "Collection",
    "Definition",
    "DestinyMembership",
    "DestinyProfile",
    "DismissedNotice",
    "Edition",
    "Guardian",
    "GuardianProgress",
    "Item",
    "Loadout",
    "LoadoutShare",
    "ManifestFile",
    "Milestone",
    "MovePlan",
    "MoveStep",
    "VendorStock",
    "Wish",
)
