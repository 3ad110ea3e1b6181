"""The to-do list: what officers have to do in the game."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.compiled_queries import CompiledQuery
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.member_names import members_named
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild, Membership, TodoItem
from guilds.multiline_field import MultilineField
from guilds.paging import paging
from guilds.ranks import rank_name, rank_names
from guilds.todo.commands import blocks_for
from guilds.todo.services import EXPIRES_AFTER, add_items, remove_items

MOST_AT_ONCE = 1000
ITEMS_PER_PAGE = 50
LATEST_CLOSED = 30
MOST_REFUSALS_SHOWN = 10


class TodoForm(forms.Form):
    """A promotion, demotion or removal."""

    kind = forms.ChoiceField(
        label=_("What"),
        choices=[(value, capfirst(label)) for value, label in TodoItem.Kind.choices],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    field_order: Sequence[str] = ("kind", "to_rank", "reason")

    def __init__(self, data: Mapping[str, Any] | None = None, *, ranks: Mapping[int, str], **options: Any) -> None:
        super().__init__(data, **options)
        levels = range(GUILD_MASTER_RANK + 1, LOWEST_RANK + 1)
        choices = [("", "–"), *((str(level), rank_name(ranks, level)) for level in levels)]
        self.fields["to_rank"] = forms.TypedChoiceField(
            label=_("To rank"),
            choices=choices,
            coerce=int,
            empty_value=None,
            required=False,
            help_text=_("Not needed for a removal."),
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") in (TodoItem.Kind.PROMOTE, TodoItem.Kind.DEMOTE) and given.get("to_rank") is None:
            self.add_error("to_rank", gettext("Choose a rank."))
        return given

    def terms(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "to_rank", "reason")}


class TodoManyForm(TodoForm):
    """The same for many members, by name."""

    names = MultilineField(
        label=_("Who"),
        max_length=64 * MOST_AT_ONCE,
        help_text=_("One name per line, or separated by commas. Use Name-Realm if two members share a name."),
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )
    field_order = ("names", "kind", "to_rank", "reason")

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild, **options: Any) -> None:
        super().__init__(data, **options)
        self.guild = guild

    def clean_names(self) -> list[Membership]:
        """Return the members with these names, found in one statement; unknown and ambiguous names are errors."""
        members = members_named(self.guild, self.cleaned_data["names"])
        if not members:
            raise forms.ValidationError(gettext("Enter at least one name."))
        return members


_OPEN = CompiledQuery(
    lambda guild, now: TodoItem.objects.open().filter(guild=guild, expires_at__gt=now).with_people(),
    guild=UUID,
    now=datetime,
)
_CLOSED = CompiledQuery(
    lambda guild, now: TodoItem.objects.filter(guild=guild).closed(now).with_people()[:LATEST_CLOSED],
    guild=UUID,
    now=datetime,
)


def _of_guild(guild: Guild, items: list[TodoItem]) -> list[TodoItem]:
    for item in items:
        item.guild = guild
    return items


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def todo(request: GuildRequest) -> HttpResponse:
    """Show open items with the game's commands, and closed ones; a POST adds items for several members."""
    guild, now = request.guild, timezone.now()
    ranks = rank_names(guild)
    form = TodoManyForm(request.POST if request.method == "POST" else None, guild=guild, ranks=ranks)
    if form.is_valid():
        return add_and_show(request, form.cleaned_data["names"], form)
    # All of them, since the commands are those of all pages.
    still_open = _of_guild(guild, _OPEN(guild=guild.pk, now=now))
    context = {
        "guild": guild,
        "ranks": ranks,
        **paging(request, still_open, ITEMS_PER_PAGE),
        "command_blocks": blocks_for(still_open),
        "closed": _of_guild(guild, _CLOSED(guild=guild.pk, now=now)),
        "form": form,
        "days": EXPIRES_AFTER.days,
    }
    return render(request, "guilds/todo.html", context)


def add_and_show(request: GuildRequest, members: Iterable[Membership], form: TodoForm) -> HttpResponse:
    """Add the item of a valid form for these members, and redirect to the list, which says what was added."""
    added = add_items(guild=request.guild, actor=request.user, members=members, **form.terms())
    if count := len(added.items):
        messages.success(request, ngettext("%(count)d item added.", "%(count)d items added.", count) % {"count": count})
    for refused in added.refused[:MOST_REFUSALS_SHOWN]:
        messages.error(request, refused)
    return redirect("guilds:todo", request.guild)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def remove_todo(request: GuildRequest) -> HttpResponse:
    """Remove the selected items (`item`, ids)."""
    guild = request.guild
    if request.method == "POST":
        selected = guild.todo_items.selected(request.POST.getlist("item"))
        count = remove_items(guild=guild, actor=request.user, items=selected)
        done = ngettext("%(count)d item removed.", "%(count)d items removed.", count) % {"count": count}
        messages.success(request, done if count else gettext("Nothing removed: no open item was selected."))
    return redirect("guilds:todo", guild)
