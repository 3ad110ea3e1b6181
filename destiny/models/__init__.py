"""The models of Destiny 2."""

from destiny.manifest.models import Definition, Edition, ManifestFile
from destiny.models.accounts import BungieAccount, DestinyMembership

__all__ = ("BungieAccount", "Definition", "DestinyMembership", "Edition", "ManifestFile")
