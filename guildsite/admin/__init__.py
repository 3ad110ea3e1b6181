"""The admin of rows that belong to guilds: open to site admins, and to officers as far as their rights go.

It is in the top layer since it needs the rights of `permissions` and the jobs of `sync`, which do not know each other.
"""

from guildsite.admin import destiny, grants, guilds, jobs, manifest, members, records, security_log

__all__ = ("destiny", "grants", "guilds", "jobs", "manifest", "members", "records", "security_log")
