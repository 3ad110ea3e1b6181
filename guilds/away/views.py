"""The page of members who are away or match another rule, and the pages of the rules."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.away.forms import EXAMPLES, AddTodoForm, RuleForm, initial_of
from guilds.away.members import Line, Roster, rules_of
from guilds.away.rows import rows
from guilds.away.rule import STALE_AFTER, Match
from guilds.away.services import add_rule, change_rule, delete_rule, rule_version
from guilds.away.todo import add_lines
from guilds.edit_conflict import EditConflict
from guilds.models import RosterRule
from guilds.paging import paging
from guilds.ranks import rank_names
from guilds.templatetags.away import rule_action

LINES_PER_PAGE = 50
MOST_SHOWN = 50
MOST_REFUSALS_SHOWN = 10
OK, CONFLICT = 200, 409


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def away(request: GuildRequest) -> HttpResponse:
    """List whom the rules concern today, by urgency; a POST puts those that are ticked (`line`) on the to-do."""
    guild, ranks = request.guild, rank_names(request.guild)
    rules, roster = rules_of(guild), Roster(guild)
    found, rule_of = roster.away(terms for _rule, terms in rules), {rule.pk: rule for rule, _terms in rules}
    wanted = request.GET.get("rule", "")
    form = AddTodoForm(request.POST if request.method == "POST" else None, ranks=ranks)
    if form.is_valid():
        keys = set(request.POST.getlist("line"))
        ticked = [line for line in roster.lines(found.matches, rule_of) if line.key in keys]
        _add(request, ticked, form.cleaned_data)
        return redirect(f"{request.path}?{urlencode({'rule': wanted})}" if wanted else request.path)
    counts = Counter(one.rule.id for one in found.matches)
    pages = _pages(request, found.matches, wanted)
    context = {
        "guild": guild,
        "ranks": ranks,
        "rules": [(rule, counts[rule.pk]) for rule in rule_of.values()],
        "actions": {rule.pk: rule_action(rule, ranks) for rule in rule_of.values()},
        "wanted": wanted,
        "spared": found.on_leave,
        "leaves": roster.away_or_leaving(),
        "rows": rows(roster.lines(pages["page"], rule_of), guild, ranks),
        "unknown": rows(roster.lines(found.unknown[:MOST_SHOWN], rule_of), guild, ranks),
        "unknown_count": len(found.unknown),
        "stale_days": STALE_AFTER.days,
        "form": form,
        "examples": EXAMPLES,
        **pages,
    }
    return render(request, "guilds/away.html", context)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def new_rule(request: GuildRequest) -> HttpResponse:
    """Preview a new rule, then save it; `like` names an example to start from."""
    initial = EXAMPLES.get(request.GET.get("like", ""))
    form = _form(request, initial)
    if form.is_valid() and "save" in request.POST and form.is_previewed:
        try:
            add_rule(guild=request.guild, actor=request.user, terms=form.terms(), exempt=form.cleaned_data["exempt"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _saved(request)
    return _rule_page(request, form)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def rule(request: GuildRequest, rule_id: UUID) -> HttpResponse:
    """Preview other terms for a rule, then save them."""
    guild = request.guild
    found = get_object_or_404(guild.roster_rules, pk=rule_id)
    exempt = list(found.exempt.filter(membership__guild=guild).select_related("realm"))
    form = _form(request, {**initial_of(found, exempt, guild), "version": rule_version(found)})
    if form.is_valid() and "save" in request.POST and form.is_previewed:
        try:
            change_rule(
                guild=guild,
                actor=request.user,
                rule=found,
                terms=form.terms(),
                exempt=form.cleaned_data["exempt"],
                version=form.cleaned_data["version"],
            )
        except EditConflict:
            return _rule_page(request, form, found, version=rule_version(found), is_conflict=True)
        else:
            return _saved(request)
    return _rule_page(request, form, found)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def remove_rule(request: GuildRequest, rule_id: UUID) -> HttpResponse:
    """Delete a rule."""
    guild = request.guild
    found = get_object_or_404(guild.roster_rules, pk=rule_id)
    if request.method != "POST":
        return redirect("guilds:rule", guild, rule_id)
    delete_rule(guild=guild, actor=request.user, rule=found)
    messages.success(request, gettext("Rule deleted."))
    return redirect("guilds:away", guild)


def _pages(request: GuildRequest, matches: list[Match], wanted: str) -> dict[str, Any]:
    """Return the page of the matches of the rule that is asked for, and what is ticked on it."""
    shown = [one for one in matches if wanted in ("", str(one.rule.id))]
    asked = {name: request.GET[name] for name in ("rule", "all") if name in request.GET}
    return {
        "selected": set(request.POST.getlist("line")),
        "select_all": "all" in asked,
        **paging(request, shown, LINES_PER_PAGE, urlencode(asked)),
    }


def _add(request: GuildRequest, lines: list[Line], terms: dict[str, Any]) -> None:
    """Put these lines on the to-do and say what came of it."""
    added = add_lines(guild=request.guild, actor=request.user, lines=lines, **terms)
    if count := len(added.items):
        done = ngettext("%(count)d item added to the to-do.", "%(count)d items added to the to-do.", count)
        messages.success(request, done % {"count": count})
    for refused in added.refused[:MOST_REFUSALS_SHOWN]:
        messages.error(request, refused)
    if not lines:
        messages.error(request, gettext("Nothing added: tick at least one member who still matches."))


def _form(request: GuildRequest, initial: dict[str, Any] | None) -> RuleForm:
    data = request.POST if request.method == "POST" else None
    return RuleForm(data, guild=request.guild, ranks=rank_names(request.guild), initial=initial)


def _rule_page(
    request: GuildRequest,
    form: RuleForm,
    found: RosterRule | None = None,
    *,
    version: str | None = None,
    is_conflict: bool = False,
) -> HttpResponse:
    ranks = rank_names(request.guild)
    context: dict[str, Any] = {
        "guild": request.guild,
        "ranks": ranks,
        "rule": found,
        "form": form,
        "version": version or form["version"].value() or "",
        "is_conflict": is_conflict,
        "stale_days": STALE_AFTER.days,
    }
    if form.is_bound and form.is_valid():
        context |= _preview(request, form, ranks)
    return render(request, "guilds/away_rule.html", context, status=CONFLICT if is_conflict else OK)


def _preview(request: GuildRequest, form: RuleForm, ranks: dict[int, str]) -> dict[str, Any]:
    """Return whom a rule with these terms would concern today."""
    guild, row = request.guild, RosterRule(guild=request.guild, **form.terms())
    roster = Roster(guild)
    found = roster.away([row.terms(frozenset(one.pk for one in form.cleaned_data["exempt"]))])
    return {
        "previewed": form.digest(),
        "preview": found,
        "rows": rows(roster.lines(found.matches[:MOST_SHOWN], {row.pk: row}), guild, ranks),
        "unknown": rows(roster.lines(found.unknown[:MOST_SHOWN], {row.pk: row}), guild, ranks),
    }


def _saved(request: GuildRequest) -> HttpResponse:
    messages.success(request, gettext("Saved."))
    return redirect("guilds:away", request.guild)
