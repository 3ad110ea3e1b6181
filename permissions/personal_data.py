"""The personal data that permissions stores: grants, also where the timeline repeats them."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from guilds.models import TimelineEvent
from permissions.models import Grant

RETENTION = (
    Retention(
        _("Personal grants: which permissions an officer gave you, in which guild, why and until when"),
        _("They give you the permissions, and other officers see why."),
        _(
            "Until an officer or you end the grant, or the guild's data or your account is deleted. It works for 90 "
            "days at most. The timeline keeps it without you and without the reason."
        ),
    ),
    Retention(
        _("Personal grants that you gave to others"),
        _("So that other officers know who gave them."),
        _("As long as the grant. Your name is removed with your account."),
    ),
)
COLUMNS = {
    "permissions.Grant.user": OnDeletion.DELETED,
    "permissions.Grant.granted_by": OnDeletion.CLEARED,
    "guilds.TimelineEvent.details": OnDeletion.CLEARED,
}


def export(person: User) -> dict[str, Any]:
    """Return the grants that the person has, and those that they gave."""
    grants = Grant.objects.select_related("guild__realm")
    return {
        "grants": [_grant(one) for one in grants.filter(user=person)],
        "grants_given": [_grant(one) for one in grants.filter(granted_by=person)],
    }


def count(person: User) -> int:
    """Return how many grants the person has or gave."""
    return Grant.objects.filter(user=person).count() + Grant.objects.filter(granted_by=person).count()


def erase(person: User) -> None:
    """Delete the grants, and the reasons on the timeline. To be called while its events still name the person."""
    grants = Grant.objects.filter(user=person)
    ids = [str(pk) for pk in grants.values_list("pk", flat=True)]
    LogEntry.objects.filter(content_type__app_label="permissions", object_id__in=ids).delete()
    grants.delete()
    Grant.objects.filter(granted_by=person).update(granted_by=None)
    events = list(TimelineEvent.objects.filter(person=person, details__what="grant").only("details"))
    for event in events:
        event.details = {name: _without_reason(value) for name, value in event.details.items()}
    TimelineEvent.objects.bulk_update(events, ["details"], batch_size=500)


def _without_reason(value: Any) -> Any:
    return {name: one for name, one in value.items() if name != "reason"} if isinstance(value, dict) else value


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "guild": grant.guild.address,
        "permissions": sorted(grant.rights),
        "reason": grant.reason,
        "given_at": grant.created_at,
        "expires_at": grant.expires_at,
    }


SECTION = Section("permissions", _("Permissions"), RETENTION, COLUMNS, export, count, erase)
