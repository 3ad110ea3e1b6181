"""The personal data that the sync stores: fetches of the player's account, and jobs that the player waits for."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import OnDeletion, Retention, Section
from characters.models import Character
from sync.models import AccountFetch, BlizzardJob
from sync.wow.matching import lock_account, lock_identities

RETENTION = (
    Retention(
        _("How many requests your sign-ins cost"),
        _("To bound them within an hour."),
        _("Until the next sign-in that is more than an hour later."),
    ),
    Retention(
        _("When your list of characters was fetched from Battle.net, and what went wrong if it failed"),
        _("To fetch it again when that is due, and to show how old it is."),
        _("Until you delete your account."),
    ),
)
COLUMNS = {
    "sync.AccountFetch.user": OnDeletion.DELETED,
    "sync.BlizzardJob.user": OnDeletion.DELETED,
    "sync.BlizzardJob.awaited_by": OnDeletion.DELETED,
    "sync.BlizzardJob_awaited_by.user": OnDeletion.DELETED,
    "sync.BungieJob.account": OnDeletion.DELETED,
    "sync.BungieJob.membership": OnDeletion.DELETED,
}


def export(person: User) -> dict[str, Any]:
    """Return the jobs of the person's account, region by region."""
    columns = (
        "region",
        "state",
        "refresh_requested_at",
        "attempted_at",
        "succeeded_at",
        "changed_at",
        "next_due_at",
        "error_kind",
        "missing_since",
    )
    return {
        "account_sync": list(BlizzardJob.objects.filter(user=person).values(*columns)),
        "account_fetches": list(AccountFetch.objects.filter(user=person).values("started_at", "requests")),
    }


def count(person: User) -> int:
    """Return how many rows are about the fetching of the person's account."""
    return BlizzardJob.objects.filter(user=person).count() + AccountFetch.objects.filter(user=person).count()


def lock(person: User) -> None:
    """Wait for a sync that is writing the account, and keep others from starting to.

    A worker locks its job before it writes, and gives up if the job is gone.
    """
    rows = BlizzardJob.objects.filter(user=person).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk"))
    lock_account(person)
    regions = set(Character.objects.of(person).values_list("region", flat=True).order_by())
    for region in sorted(regions | set(settings.BLIZZARD_REGIONS)):
        lock_identities(region)


def erase(person: User) -> None:
    """Delete the account's jobs."""
    BlizzardJob.awaited_by.through.objects.filter(user=person).delete()
    BlizzardJob.objects.filter(user=person).delete()
    AccountFetch.objects.filter(user=person).delete()


SECTION = Section("sync", _("Updates from Battle.net"), RETENTION, COLUMNS, export, count, erase, lock)
