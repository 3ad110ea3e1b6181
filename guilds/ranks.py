"""The names of a guild's ranks."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from guilds.models import GUILD_MASTER_RANK, Guild


def rank_names(guild: Guild) -> dict[int, str]:
    """Return the names that the guild gave its ranks, by level; those of unnamed ranks are empty.

    Of a guild that `guild_page` found, they are as they were when the request began.
    """
    if known := vars(guild).get("named_ranks"):
        return {one["level"]: one["name"] for one in known if one["level"] is not None}
    return {rank.rank_level: rank.rank_name for rank in guild.ranks.all()}


def rank_name(names: Mapping[int, str], level: int) -> str:
    """Return the guild's name of a rank, or a generic one if it has none."""
    if name := names.get(level):
        return name
    return _("Guild master") if level == GUILD_MASTER_RANK else _("Rank %(level)d") % {"level": level}
