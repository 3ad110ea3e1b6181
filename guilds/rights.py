"""The rights that `user.has_perm(right, guild)` takes."""

OFFICERS_RIGHTS = (
    "guilds.manage_roster",
    "guilds.edit_info",
    "guilds.manage_ranks",
    "guilds.delete",
    "guilds.read_notes",
    "guilds.write_notes",
    "guilds.refresh",
)
RIGHTS = ("guilds.view", *OFFICERS_RIGHTS)
