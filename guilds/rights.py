"""What can be asked of a guild as `user.has_perm(right, guild)`."""

READ = "guilds.view"
OFFICERS_RIGHTS = (
    "guilds.manage_roster",
    "guilds.edit_info",
    "guilds.manage_ranks",
    "guilds.delete",
    "guilds.read_notes",
    "guilds.write_notes",
    "guilds.refresh",
)
RIGHTS = (READ, *OFFICERS_RIGHTS)
