"""The plan: what is to be done in the game."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.members.forms import PlanManyForm
from guilds.models import Guild
from guilds.todo import services as plans
from guilds.views import rank_names

CHANGES_PER_PAGE = 50
LATEST_SETTLED = 30


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def plan(request: GuildRequest) -> HttpResponse:
    """What is still to be done, as the game's own commands, and what became of the rest. POST plans for several."""
    guild = request.guild
    if request.method != "POST":
        return _page(request, guild)
    form = PlanManyForm(request.POST, guild=guild, ranks=rank_names(guild))
    if not form.is_valid():
        return _page(request, guild, form)
    actor, members = request.user, form.cleaned_data["names"]
    planned = plans.plan_changes(guild=guild, actor=actor, members=members, **form.terms())
    count = len(planned.changes)
    if count:
        done = ngettext("%(count)d change is on the plan.", "%(count)d changes are on the plan.", count)
        messages.success(request, done % {"count": count})
    for refused in planned.refused[:10]:
        messages.error(request, refused)
    return redirect("guilds:plan", guild)


@guild_page("guilds.manage_roster", methods=FORM_METHODS)
def withdraw(request: GuildRequest) -> HttpResponse:
    """Take the chosen changes (`change`, ids) off the plan."""
    guild = request.guild
    if request.method == "POST":
        chosen = guild.planned_changes.chosen(request.POST.getlist("change"))
        count = plans.withdraw(guild=guild, actor=request.user, changes=chosen)
        done = ngettext("%(count)d change is off the plan.", "%(count)d changes are off the plan.", count)
        messages.success(request, done % {"count": count} if count else _("Nothing was chosen that is still open."))
    return redirect("guilds:plan", guild)


def _page(request: GuildRequest, guild: Guild, form: PlanManyForm | None = None) -> HttpResponse:
    ranks, now = rank_names(guild), timezone.now()
    still_open = guild.planned_changes.open().filter(lapses_at__gt=now).with_people()
    page = Paginator(still_open, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "guild": guild,
        "ranks": ranks,
        "page": page,
        "asked": QueryDict(),
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "settled": guild.planned_changes.settled(now).with_people()[:LATEST_SETTLED],
        "form": form or PlanManyForm(guild=guild, ranks=ranks),
        "days": plans.LAPSES_AFTER.days,
    }
    return render(request, "guilds/plan.html", context)
