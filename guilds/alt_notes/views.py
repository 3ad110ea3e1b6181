"""Alt notes, on the page of a member."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.alt_notes.forms import AltNoteForm
from guilds.alt_notes.services import add_alt_note, remove_alt_note
from guilds.members.page import member_or_404, save_or_show, to_member


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def alt_note(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Save whose alt a character without a player is; `remove` removes the note."""
    guild = request.guild
    alt = member_or_404(guild, character_id)
    if request.method == "POST" and "remove" in request.POST:
        remove_alt_note(guild=guild, actor=request.user, alt=alt)
        return to_member(alt)
    form = AltNoteForm(request.POST)

    def save() -> str:
        add_alt_note(guild=guild, actor=request.user, alt=alt, main_name=form.cleaned_data["main"])
        return _("Saved.")

    return save_or_show(request, alt, form, save, alt_form=form)
