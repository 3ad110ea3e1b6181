"""A guild's sync page, for officers who can refresh: data freshness, queue and failures, with buttons to retry."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.vary import vary_on_headers

from accounts.compiled_queries import CompiledQuery
from characters.models import HIDDEN, Character, ProfileState
from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.models import Guild
from guilds.paging import paging
from sync.engine import refresh
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.refresh_button import start_refresh
from sync.wow.refresh import refresh_guild as fetch_roster
from sync.wow.update_states import state_of

FAILURES_PER_PAGE = 50
# Battle.net has no profile of characters of a low level. Recorded rosters prove it for level 1; nobody documents where
# it ends, so a low level is said to be a possible reason, not the reason.
LOW_LEVEL = 10


@vary_on_headers("HX-Request")
@guild_page("guilds.refresh")
def guild(request: GuildRequest) -> HttpResponse:
    """Show how old roster and characters are, how many jobs are queued, and which failed; polls while any is."""
    guild = request.guild
    failed = BlizzardJob.objects.failed().of_guild(guild).select_related("guild", "character__realm")
    # The roster first: without it nothing else is up to date.
    failed = failed.order_by(F("character__name").asc(nulls_first=True), "pk")
    job = next(iter(_ROSTER_JOB(guild=guild.pk)), None)
    characters = count_characters(guild)
    is_fetching = job is not None and job.is_busy
    context = {
        "guild": guild,
        "job": job,
        "is_fetching": is_fetching,
        "is_under_way": is_fetching or characters["due"] or characters["running"],
        "hidden": hidden_characters(guild) if characters["hidden"] else [],
        "update_states": {guild.pk: state_of(job)} if job else {},
        "missing_count": len(guild.roster_doubted_characters or ()),
        "characters": characters,
        **paging(request, failed, FAILURES_PER_PAGE),
        "again_at": refresh.can_refresh_at(job),
        "pause": refresh.PAUSE.seconds // 60,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "sync/guild.html#state", {**context, "is_fragment": True})
    return render(request, "sync/guild.html", context)


# A GET comes from signing in first, and only redirects to the page.
@guild_page("guilds.refresh", methods=FORM_METHODS)
def refresh_guild(request: GuildRequest) -> HttpResponse:
    """Fetch the roster now."""
    guild = request.guild
    if request.method == "POST":
        start_refresh(request, lambda: fetch_roster(guild=guild), _("The roster is being fetched."))
    return redirect("sync:guild", guild)


@guild_page("guilds.refresh", methods=FORM_METHODS)
def retry(request: GuildRequest) -> HttpResponse:
    """Retry one failure, the selected ones, or all; of this guild only, whatever the form contains."""
    guild = request.guild
    if request.method == "POST":
        if count := refresh.retry(failed=_selected(request, guild)):
            done = ngettext("Retrying %(count)d failure.", "Retrying %(count)d failures.", count)
            messages.success(request, done % {"count": count})
        else:
            messages.error(request, _("Nothing to retry. Select failures that are still listed."))
    return redirect("sync:guild", guild)


def count_characters(guild: Guild) -> dict[str, Any]:
    """Count the roster's characters by the state of their jobs; `oldest` is the oldest success.

    Battle.net does not show those in `hidden`, whether they were fetched before or not; `never` are the rest of those
    without a success.
    """
    hidden = Q(character__profile_state__in=HIDDEN)
    profiles = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE, character__membership__guild=guild)
    return profiles.aggregate(
        count=Count("pk"),
        oldest=Min("succeeded_at"),
        hidden=Count("pk", filter=hidden),
        never=Count("pk", filter=~hidden & Q(succeeded_at=None)),
        due=Count("pk", filter=Q(state=BlizzardJob.State.DUE)),
        running=Count("pk", filter=BlizzardJob.IN_FLIGHT),
        failed=Count("pk", filter=Q(state=BlizzardJob.State.FAILED)),
    )


_ROSTER_JOB = CompiledQuery(
    lambda guild: BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ROSTER, guild=guild)[:1], guild=UUID
)
_HIDDEN = CompiledQuery(
    lambda guild: (
        Character.objects.filter(membership__guild=guild, profile_state__in=HIDDEN)
        .select_related("realm")
        .order_by("name", "pk")
    ),
    guild=UUID,
)


def hidden_characters(guild: Guild) -> list[tuple[str, list[Character]]]:
    """Return the members' characters that Battle.net does not show, by the reason, in one statement."""
    by_reason: dict[str, list[Character]] = {}
    for character in _HIDDEN(guild=guild.pk):
        by_reason.setdefault(hidden_reason(character), []).append(character)
    return sorted(by_reason.items())


def hidden_reason(character: Character) -> str:
    """Return what is known of why Battle.net doesn't show a character: it says no more than 403 and 404."""
    if character.name != character.last_known_name:
        return _("Renamed: another character has the old name, and the new one is not known yet")
    if character.needs_rename:
        return _("Needs a new name: Blizzard took the old one")
    if character.profile_state == ProfileState.FORBIDDEN:
        return _("Refused by Battle.net without a reason; the player may not share the profile")
    if character.level is not None and character.level < LOW_LEVEL:
        return _("Not found: level %(level)d or lower may be too low for a profile") % {"level": LOW_LEVEL - 1}
    return _("Not found: not played for a long time, renamed, moved to another realm, or not shared with other sites")


def _selected(request: HttpRequest, guild: Guild) -> BlizzardJobQuerySet:
    jobs = BlizzardJob.objects.of_guild(guild)
    if "all" in request.POST:
        return jobs
    selected = [request.POST["one"]] if "one" in request.POST else request.POST.getlist("entry")
    return jobs.filter(pk__in=list(_ids(selected)))


def _ids(texts: list[str]) -> Iterator[UUID]:
    for text in texts:
        with suppress(ValueError):
            yield UUID(text)
