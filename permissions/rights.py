"""Sets of rights: the names that `user.has_perm` takes, such as "guilds.view"."""

from guilds.rights import RIGHTS

Rights = frozenset[str]
EVERY_RIGHT: Rights = frozenset(RIGHTS)
NO_RIGHTS: Rights = frozenset()
# Of a rank without a permission set, and of former members during the grace period.
DEFAULT_RIGHTS: Rights = frozenset({"guilds.view"})
MANAGE_RANKS = "guilds.manage_ranks"
