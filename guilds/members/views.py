"""A member of a guild."""

from uuid import UUID

from django.http import HttpResponse

from guilds.access import GuildRequest, guild_page
from guilds.members.page import member_or_404, show_member


@guild_page("guilds.view")
def member(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Show a member: to members what Battle.net says, to officers also notes and forms."""
    return show_member(request, member_or_404(request.guild, character_id))
