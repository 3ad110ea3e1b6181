"""Reasons of failed jobs, as sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sync.models import BlizzardJob

REASONS = {
    "not_found": gettext_lazy("Battle.net doesn't know it"),
    "forbidden": gettext_lazy("Battle.net doesn't show it"),
    "token_expired": gettext_lazy("the permission to read it has expired"),
    "not_shared": gettext_lazy("the player does not share it with this site"),
    "rate_limited": gettext_lazy("Battle.net asked us to slow down"),
    "paused": gettext_lazy("Battle.net refuses such requests at the moment; they are sent again later"),
    "application_refused": gettext_lazy("Battle.net doesn't accept this site at the moment"),
    "unavailable": gettext_lazy("Battle.net did not answer"),
    "handed_back": gettext_lazy("the site was restarted; it continues in a moment"),
    "doubtful_roster": gettext_lazy("so many members are missing that a later roster has to confirm it"),
    "account_missing": gettext_lazy("Battle.net lists no characters there; we check again a day later"),
    "over_budget": gettext_lazy("it was fetched several times within the hour"),
    "guild_missing": gettext_lazy("the guild could not be found; we check again later"),
    "disbanded": gettext_lazy("the guild was disbanded"),
    "database": gettext_lazy("the answer could not be saved"),
    "defect": gettext_lazy("something went wrong on this site"),
    "bad_payload": gettext_lazy("Battle.net's answer could not be read"),
}


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
