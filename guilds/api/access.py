"""Access to a guild of the API: the same check as for its pages."""

from typing import cast

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from guilds.access import GuildAddress, GuildRequest, guild_or_404


class GuildPath(Schema):
    """The address of a guild."""

    region: str = Field(description="Such as eu.", max_length=2)
    realm: str = Field(description="The realm's slug, such as tarren-mill.")
    guild: str = Field(description="The guild's slug, as in the addresses of its pages.")


def guild_request(request: HttpRequest, path: GuildPath, *perms: str) -> GuildRequest:
    """Return the request with its guild, if the user, and the token if there is one, has one of `perms` there.

    Raises what `guild_or_404` raises.
    """
    found = cast(GuildRequest, request)
    found.guild = guild_or_404(request, GuildAddress(path.region, path.realm, path.guild), *perms)
    return found
