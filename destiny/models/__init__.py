"""The models of Destiny 2."""

from destiny.models.accounts import BungieAccount, DestinyMembership

__all__ = ("BungieAccount", "DestinyMembership")
