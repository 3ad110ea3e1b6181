"""The subject of an action: the character and account that its body names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.bungie.accounts.account import Account, Guardian, Item
from sandbox.bungie.endpoints.endpoint import PlatformRequest
from sandbox.bungie.errors import PlatformError
from sandbox.bungie.world.activities import SOCIAL_MODE
from sandbox.bungie.world.definitions import Definitions, Json

_RAID_MODE = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """A character of the caller, with the account and the definitions."""

    definitions: Definitions
    account: Account
    guardian: Guardian
    body: Mapping[str, Any]

    def number(self, key: str) -> int:
        """Return a number of the body, which can be a string; raise PlatformError if it is none."""
        return number_in(self.body, key)

    def item(self) -> Item:
        """Return the item that ``itemId`` names; raise PlatformError if there is none."""
        return self.instance(self.number("itemId"))

    def instance(self, number: int) -> Item:
        """Return an item by its instance id; raise PlatformError if there is none."""
        found = self.account.instance(number)
        if found is None:
            raise PlatformError(1623, response=0)
        return found

    def row(self, item: Item) -> Json:
        """Return an item's definition."""
        return self.definitions.item(item.hash)

    @property
    def mode(self) -> int:
        """Return the mode of the activity that the character is in, or 0."""
        row = self.definitions.tables["Activity"].get(self.guardian.activity, {})
        return int(row.get("directActivityModeType", 0))

    @property
    def can_change_loadout(self) -> bool:
        """Return whether the character is in orbit, in a social space or offline."""
        return self.mode in (0, SOCIAL_MODE)

    @property
    def is_equipment_locked(self) -> bool:
        """Return whether the activity forbids to change equipment; in this world raids do."""
        return self.mode == _RAID_MODE


def number_in(body: Mapping[str, Any], key: str) -> int:
    """Return a number of a body, which can be a string; raise PlatformError if it is none."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).lstrip("-").isdecimal():
        raise PlatformError(1622, response=0)
    return int(value)


def subject_of(request: PlatformRequest) -> Subject:
    """Return the subject of an action; raise PlatformError for another person's character or another platform."""
    body, owner, bungie = request.body, request.owner, request.bungie
    if not isinstance(body, dict):
        raise PlatformError(30, response=0)
    number = number_in(body, "characterId")
    membership = bungie.membership_of_guardian(number)
    if membership is None or membership.person is not owner:
        raise PlatformError(1620, response=0)
    if number_in(body, "membershipType") != membership.type:
        raise PlatformError(3, response=0)
    bungie.accounts.before_write(membership)
    account = bungie.accounts.of(membership)
    return Subject(bungie.content.edition.definitions, account, account.guardians[number], body)
