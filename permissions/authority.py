"""The rules of who can change which rights. They read no database.

The authority comes from the rank: a personal grant neither raises it nor gives rights to pass on. Nobody takes away a
right that they could not give: a permission set or grant that includes such a right stays as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from guilds.models import GUILD_MASTER_RANK
from permissions.rights import Rights

LONGEST_GRANT = timedelta(days=90)
# Above every rank of the game.
SITE_ADMIN_RANK = -1


@dataclass(frozen=True, slots=True)
class Authority:
    """The rank of a user who changes rights, and the rights that they can pass on."""

    rank: int
    rights: Rights

    def can_change_rank(self, level: int) -> bool:
        """Return whether the rank is below the user's. Nobody changes rank 0, which has every right."""
        return level > max(self.rank, GUILD_MASTER_RANK)

    def can_rename_rank(self, level: int) -> bool:
        """Return whether the user can name the rank. A name is not a right: guild masters can name their own rank."""
        return self.can_change_rank(level) or self.rank <= GUILD_MASTER_RANK

    def includes(self, rights: Rights) -> bool:
        """Return whether the user can pass on all of these rights, and therefore take them away."""
        return rights <= self.rights

    def can_switch_set(self, level: int, rights: Rights) -> bool:
        """Return whether the user can replace the rank's permission set, which has these rights."""
        return self.can_change_rank(level) and self.includes(rights)

    def can_edit_set(self, used_by: Collection[int], rights: Rights) -> bool:
        """Return whether the user can edit a permission set with these rights that these ranks use."""
        return all(self.can_change_rank(level) for level in used_by) and self.includes(rights)

    def can_grant_to(self, level: int) -> bool:
        """Return whether the rank is below the user's. Nobody can give a personal grant to themselves."""
        return level > self.rank

    def can_end_grant(self, level: int | None, rights: Rights) -> bool:
        """Return whether the user could give the grant. The level is None if its player is no longer a member."""
        return (level is None or self.can_grant_to(level)) and self.includes(rights)
