"""The to-do list: what officers have to do in the game."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.members.page import member_or_404, save_or_show
from guilds.paging import paging
from guilds.ranks import rank_names
from guilds.todo.forms import TodoForm, TodoManyForm
from guilds.todo.services import EXPIRES_AFTER, add_items, remove_items

ITEMS_PER_PAGE = 50
LATEST_CLOSED = 30
MOST_REFUSALS_SHOWN = 10


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def todo(request: GuildRequest) -> HttpResponse:
    """Show open items with the game's commands, and closed ones; a POST adds items for several members."""
    guild = request.guild
    if request.method != "POST":
        return _page(request)
    form = TodoManyForm(request.POST, guild=guild, ranks=rank_names(guild))
    if not form.is_valid():
        return _page(request, form)
    added = add_items(guild=guild, actor=request.user, members=form.cleaned_data["names"], **form.terms())
    count = len(added.items)
    if count:
        messages.success(request, ngettext("%(count)d item added.", "%(count)d items added.", count) % {"count": count})
    for refused in added.refused[:MOST_REFUSALS_SHOWN]:
        messages.error(request, refused)
    return redirect("guilds:todo", guild)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def add_todo(request: GuildRequest, character_id: UUID) -> HttpResponse:
    """Add an item from a member's page."""
    member = member_or_404(request.guild, character_id)
    form = TodoForm(request.POST, ranks=rank_names(request.guild))

    def save() -> str:
        added = add_items(guild=request.guild, actor=request.user, members=[member], **form.terms())
        if added.refused:
            raise ValidationError(added.refused)
        return _("Added. It is ticked off once the roster shows it.")

    return save_or_show(request, member, form, save, todo_form=form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def remove_todo(request: GuildRequest) -> HttpResponse:
    """Remove the selected items (`item`, ids)."""
    guild = request.guild
    if request.method == "POST":
        selected = guild.todo_items.selected(request.POST.getlist("item"))
        count = remove_items(guild=guild, actor=request.user, items=selected)
        done = ngettext("%(count)d item removed.", "%(count)d items removed.", count) % {"count": count}
        messages.success(request, done if count else _("Nothing removed: no open item was selected."))
    return redirect("guilds:todo", guild)


def _page(request: GuildRequest, form: TodoManyForm | None = None) -> HttpResponse:
    guild, now = request.guild, timezone.now()
    ranks = rank_names(guild)
    still_open = guild.todo_items.open().filter(expires_at__gt=now).with_people()
    context = {
        "guild": guild,
        "ranks": ranks,
        **paging(request, still_open, ITEMS_PER_PAGE),
        "closed": guild.todo_items.closed(now).with_people()[:LATEST_CLOSED],
        "form": form or TodoManyForm(guild=guild, ranks=ranks),
        "days": EXPIRES_AFTER.days,
    }
    return render(request, "guilds/todo.html", context)
