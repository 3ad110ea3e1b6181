"""Reasons of failed jobs of Destiny, as sentences."""

from django.utils.translation import gettext_lazy as _

from sync.destiny.jobs import BungieJob

REASONS = {
    "connect_again": _("Bungie no longer accepts our permission: connect the account again"),
    "token_expired": _("Bungie no longer accepts our permission: connect the account again"),
    "missing_scope": _("this site was registered at Bungie without a permission that it needs"),
    "application_refused": _("Bungie doesn't accept this site at the moment"),
    "unavailable": _("Bungie does not answer, or is down for maintenance"),
    "paused": _("Bungie fails at the moment; we try again later"),
    "rate_limited": _("Bungie asked us to slow down"),
    "bad_payload": _("Bungie's answer could not be read"),
    "not_found": _("Bungie doesn't know it"),
    "answer_lost": _("Bungie's answer was lost; we look in a moment what was done"),
    "forbidden": _("it is private at Bungie"),
    "doubtful": _("most of what you have was missing in Bungie's answer; we ask again before we believe it"),
    "token_busy": _("our permission at Bungie is being renewed"),
    "storage": _("the files of the manifest could not be stored; the pages work without them"),
}


def reason(job: BungieJob | None) -> str:
    """Return why the last attempt failed; empty if it did not."""
    if job is None or not job.error_kind:
        return ""
    return f"{REASONS.get(job.error_kind, _('something went wrong on this site'))}."
