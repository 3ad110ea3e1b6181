"""The state of a job on pages, and why it failed."""

from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from sync.models import BlizzardJob

register = template.Library()

REASONS = {
    "not_found": gettext_lazy("Battle.net doesn't know it"),
    "forbidden": gettext_lazy("Battle.net doesn't show it"),
    "token_expired": gettext_lazy("the permission to read it has expired"),
    "rate_limited": gettext_lazy("Battle.net asked us to slow down"),
    "paused": gettext_lazy("Battle.net refuses such requests at the moment; they are sent again later"),
    "application_refused": gettext_lazy("Battle.net doesn't accept this site at the moment"),
    "unavailable": gettext_lazy("Battle.net did not answer"),
    "doubtful_roster": gettext_lazy("so many members are missing that a later roster has to confirm it"),
    "account_missing": gettext_lazy("Battle.net lists no characters there; we check again a day later"),
    "over_budget": gettext_lazy("it was fetched several times within the hour"),
    "guild_missing": gettext_lazy("the guild could not be found; we check again later"),
    "disbanded": gettext_lazy("the guild was disbanded"),
    "database": gettext_lazy("the answer could not be saved"),
    "defect": gettext_lazy("something went wrong on this site"),
    "bad_payload": gettext_lazy("Battle.net's answer could not be read"),
}


@register.filter
def reason(job: BlizzardJob | None) -> str:
    """Return why the last attempt failed, as a sentence, with the HTTP status if there was one."""
    if job is None:
        return ""
    text = str(REASONS.get(job.error_kind) or _("the cause is not known"))
    if job.http_status is None:
        return f"{text}."
    if job.error_kind == "unavailable":
        text = _("Battle.net returned an error")
    return f"{text} (HTTP {job.http_status})."


@register.simple_tag
def roster_jobs(user: User) -> dict[UUID | None, BlizzardJob]:
    """Return the roster jobs of the player's guilds by guild id, for a page that lists them."""
    jobs = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ROSTER, guild__memberships__character__user=user)
    return {job.guild_id: job for job in jobs.distinct()}


@register.inclusion_tag("sync/_freshness.html")
def roster_freshness(guild: Guild, jobs: dict[UUID | None, BlizzardJob] | None = None) -> dict[str, Any]:
    """Show how old the guild's roster is, and why it is not newer. Costs a query without the jobs."""
    if jobs is None:
        job = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ROSTER, guild=guild).first()
    else:
        job = jobs.get(guild.pk)
    return {"job": job, "checked_at": guild.roster_checked_at, "snapshot_at": guild.roster_snapshot_at}


@register.inclusion_tag("sync/_freshness.html")
def profile_freshness(character: Character) -> dict[str, Any]:
    """Show how old the character's profile is, and why it is not newer."""
    job = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE, character=character).first()
    return {"job": job, "checked_at": character.profile_checked_at, "snapshot_at": character.last_modified}
