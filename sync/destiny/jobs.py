"""The jobs of Destiny: their table; found by subject, created, requested."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from destiny.models import BungieAccount, DestinyMembership
from sync.engine.jobs import Job, JobQuerySet


class BungieJobQuerySet(JobQuerySet["BungieJob"]):
    """The reads of the table of Bungie's jobs."""


class BungieJob(Job):
    """The state of one kind of data: of a Bungie account, of a Destiny membership, or of the whole game."""

    class Kind(models.TextChoices):
        TOKENS = "tokens", _("tokens")
        MEMBERSHIPS = "memberships", _("memberships")
        PROFILE = "profile", _("guardians and items")
        PLAN = "plan", _("moves")
        PROGRESS = "progress", _("milestones and collections")
        VENDORS = "vendors", _("vendors")
        PUBLIC_VENDORS = "public_vendors", _("public vendors")
        MILESTONES = "milestones", _("milestones")
        MANIFEST = "manifest", _("manifest")

    kind = models.CharField(max_length=20, choices=Kind)
    account = models.ForeignKey(
        BungieAccount, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    membership = models.ForeignKey(
        DestinyMembership, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    refresh_requested_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody last requested it with a button, which is limited.")
    )

    objects = BungieJobQuerySet.as_manager()

    class Meta(Job.Meta):
        app_label = "sync"
        verbose_name = _("Destiny job")
        verbose_name_plural = _("Destiny jobs")
        constraints = (
            # Without a subject it is about the whole game, such as the manifest.
            models.CheckConstraint(
                name="bungiejob_has_at_most_one_subject", condition=Q(account=None) | Q(membership=None)
            ),
            # Their indexes also find the jobs of a subject.
            models.UniqueConstraint(fields=("account", "kind"), name="bungiejob_once_per_account"),
            models.UniqueConstraint(fields=("membership", "kind"), name="bungiejob_once_per_membership"),
            models.UniqueConstraint(
                fields=("kind",), condition=Q(account=None, membership=None), name="bungiejob_once_for_the_game"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject or ''}".rstrip()

    @property
    def subject(self) -> Any:
        """The Bungie account or the membership; None for the whole game."""
        return self.account or self.membership


def add_profile_jobs() -> None:
    """Create the jobs of memberships that have none yet."""
    add_membership_jobs(BungieJob.Kind.PROFILE)


def add_membership_jobs(kind: BungieJob.Kind) -> None:
    """Create the jobs of this kind of memberships that have none yet."""
    missing = DestinyMembership.objects.filter(unlinked_at=None).exclude(
        pk__in=BungieJob.objects.filter(kind=kind).values("membership")
    )
    open_membership_jobs(kind, missing)


def open_profile_jobs(memberships: Iterable[DestinyMembership]) -> BungieJobQuerySet:
    """Return the jobs of these memberships' guardians and items; missing ones are created."""
    return open_membership_jobs(BungieJob.Kind.PROFILE, memberships)


def open_membership_jobs(kind: BungieJob.Kind, memberships: Iterable[DestinyMembership]) -> BungieJobQuerySet:
    """Return the jobs of this kind of these memberships; missing ones are created."""
    rows = [BungieJob(kind=kind, membership=one, state=BungieJob.State.RESTING) for one in memberships]
    BungieJob.objects.bulk_create(rows, ignore_conflicts=True)
    return BungieJob.objects.filter(kind=kind, membership__in=[one.membership for one in rows])


def open_plan_job(membership: DestinyMembership) -> BungieJobQuerySet:
    """Return the job that carries out the membership's plans; a missing one is created."""
    row = BungieJob(kind=BungieJob.Kind.PLAN, membership=membership, state=BungieJob.State.RESTING)
    BungieJob.objects.bulk_create([row], ignore_conflicts=True)
    return BungieJob.objects.filter(kind=row.kind, membership=membership)


def open_game_job(kind: BungieJob.Kind) -> BungieJob:
    """Return the job of this kind for the whole game; a missing one is created, and due."""
    return BungieJob.objects.get_or_create(kind=kind, account=None, membership=None)[0]


def open_account_jobs(account: BungieAccount) -> BungieJobQuerySet:
    """Return the jobs of an account; missing ones are created."""
    kinds = (BungieJob.Kind.TOKENS, BungieJob.Kind.MEMBERSHIPS)
    rows = [BungieJob(kind=kind, account=account, state=BungieJob.State.RESTING) for kind in kinds]
    BungieJob.objects.bulk_create(rows, ignore_conflicts=True)
    return BungieJob.objects.filter(account=account)
