"""A guild's address: region, realm slug and guild slug, as one part of a URL."""

from typing import NamedTuple

from guilds.models import Guild


class GuildAddress(NamedTuple):
    """A guild's region, realm slug and slug; slugs are Blizzard's and can contain any letters."""

    region: str
    realm_slug: str
    slug: str


class GuildConverter:
    """Converts between `<guild:address>` in a URL and an address; reversing also accepts a guild."""

    regex = "[^/]+/[^/]+/[^/]+"

    def to_python(self, value: str) -> GuildAddress:
        return GuildAddress(*value.split("/"))

    def to_url(self, value: Guild | GuildAddress) -> str:
        return value.address if isinstance(value, Guild) else "/".join(value)
