"""The jobs of accounts, profiles, rosters and game data: their table; found by subject, created, requested."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from characters.models import Character, Region
from guilds.models import Guild
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.transitions import mark_due

# A new job is due after this time, so that the code that found its subject can fetch it first.
HEAD_START = timedelta(minutes=1)
# A region that was read less than this ago is not fetched again at a sign-in.
FRESH_FOR = timedelta(minutes=5)


class BlizzardJobQuerySet(JobQuerySet["BlizzardJob"]):
    """The reads of the table of Blizzard's jobs."""

    def of_account(self, user: Any) -> Self:
        """Return the jobs of a player's account, one for each configured region."""
        return self.filter(kind="account", user=user, region__in=settings.BLIZZARD_REGIONS)

    def of_guild(self, guild: Guild) -> Self:
        """Return the jobs of the guild's roster and its members' profiles, without accounts."""
        return self.filter(Q(guild=guild) | Q(character__membership__guild=guild))


class BlizzardJob(Job):
    """The state of one kind of data: of a player's account in a region, of a character, a guild or a region."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", _("account")
        PROFILE = "profile", _("profile")
        ROSTER = "roster", _("roster")
        GAME_DATA = "game_data", _("game data")
        DETAILS = "details", _("portrait and specializations")
        ICONS = "icons", _("icons")

    kind = models.CharField(max_length=20, choices=Kind)

    # The `error_kind` of a roster that waits for a later one.
    DOUBTFUL_ROSTER = "doubtful_roster"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    character = models.ForeignKey(
        Character, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+")
    region = models.CharField(
        max_length=2, choices=Region, null=True, blank=True, help_text=_("Of an account, or whose game data it is.")
    )
    refresh_requested_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody last requested it with a button, which is limited.")
    )
    awaited_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        blank=True,
        help_text=_("People whose page waits for this guild's roster."),
    )
    missing_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When Battle.net first said that the account has no characters in the region, where it had some."),
    )

    objects = BlizzardJobQuerySet.as_manager()

    class Meta(Job.Meta):
        app_label = "sync"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = (
            models.CheckConstraint(
                name="blizzardjob_has_one_subject",
                condition=(
                    Q(user__isnull=False, character=None, guild=None, region__isnull=False)
                    | Q(user=None, character__isnull=False, guild=None, region=None)
                    | Q(user=None, character=None, guild__isnull=False, region=None)
                    | Q(user=None, character=None, guild=None, region__isnull=False)
                ),
            ),
            # Their indexes also find the jobs of a subject.
            models.UniqueConstraint(fields=("user", "region", "kind"), name="blizzardjob_once_per_account"),
            models.UniqueConstraint(fields=("character", "kind"), name="blizzardjob_once_per_character"),
            models.UniqueConstraint(fields=("guild", "kind"), name="blizzardjob_once_per_guild"),
            models.UniqueConstraint(
                fields=("region", "kind"), condition=Q(user=None), name="blizzardjob_once_per_region"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    @property
    def subject(self) -> Any:
        """The character or guild, the person with the region, or the region's code."""
        if self.user_id is not None:
            return f"{self.user} ({self.region})"
        return self.character or self.guild or self.region

    @property
    def is_busy(self) -> bool:
        """Return whether a response is pending. A roster in doubt has one, and can be requested again."""
        return super().is_busy and not self.is_in_doubt

    @property
    def is_in_doubt(self) -> bool:
        """Return whether it is a roster that a later one has to confirm."""
        if self.state != self.State.DUE or self.error_kind != self.DOUBTFUL_ROSTER or self.next_due_at is None:
            return False
        return self.next_due_at > timezone.now()


def roster_job(guild: Guild) -> BlizzardJob:
    """Return the guild's roster job; a missing one is created."""
    return BlizzardJob.objects.get_or_create(guild=guild, kind=BlizzardJob.Kind.ROSTER)[0]


def game_data_job(region: str) -> BlizzardJob:
    """Return the job of the region's game data; a missing one is created."""
    return BlizzardJob.objects.get_or_create(region=region, kind=BlizzardJob.Kind.GAME_DATA)[0]


def profile_jobs(character_ids: Collection[Any]) -> BlizzardJobQuerySet:
    """Return the jobs of the characters' profiles, as far as they exist."""
    return BlizzardJob.objects.filter(character__in=character_ids, kind=BlizzardJob.Kind.PROFILE)


def create_profile_jobs(characters: Iterable[Character]) -> None:
    """Create the jobs of new characters."""
    due_at, kind = timezone.now() + HEAD_START, BlizzardJob.Kind.PROFILE
    BlizzardJob.objects.bulk_create([BlizzardJob(kind=kind, character=one, next_due_at=due_at) for one in characters])


def create_details_jobs(characters: Iterable[UUID]) -> None:
    """Create the jobs of the details of characters that have none; they rest until their schedule."""
    kind, resting = BlizzardJob.Kind.DETAILS, BlizzardJob.State.RESTING
    rows = [BlizzardJob(kind=kind, character_id=one, state=resting, next_due_at=None) for one in sorted(characters)]
    BlizzardJob.objects.bulk_create(rows, ignore_conflicts=True)


def create_icons_job() -> None:
    """Create the job of the icons of classes and specializations: of the first region, as all have the same."""
    job = BlizzardJob(kind=BlizzardJob.Kind.ICONS, region=settings.BLIZZARD_REGIONS[0])
    job.state, job.next_due_at = BlizzardJob.State.RESTING, None
    BlizzardJob.objects.bulk_create([job], ignore_conflicts=True)


def create_game_data_jobs(regions: Iterable[str]) -> None:
    """Create the jobs of the regions that have none."""
    due_at, kind = timezone.now() + HEAD_START, BlizzardJob.Kind.GAME_DATA
    rows = [BlizzardJob(kind=kind, region=region, next_due_at=due_at) for region in regions]
    BlizzardJob.objects.bulk_create(rows, ignore_conflicts=True)


def request_roster(guild: Guild, people: Collection[Any]) -> None:
    """Request a guild's roster interactively, unless it is already in flight."""
    job = roster_job(guild)
    if not job.is_busy:
        mark_due(BlizzardJob.objects.filter(pk=job.pk), BlizzardJob.Priority.INTERACTIVE)
    elif job.priority != BlizzardJob.Priority.INTERACTIVE:
        BlizzardJob.objects.filter(pk=job.pk).update(priority=BlizzardJob.Priority.INTERACTIVE)
    job.awaited_by.add(*people)


def clear_waiters(jobs: "QuerySet[BlizzardJob]") -> None:
    """Record that waiters have the roster."""
    BlizzardJob.awaited_by.through.objects.filter(blizzardjob__in=jobs).delete()


def open_account_jobs(user: User, regions: Collection[str] | None = None) -> BlizzardJobQuerySet:
    """Return the account's jobs in these regions, by default in all configured ones; creates missing ones."""
    wanted = settings.BLIZZARD_REGIONS if regions is None else regions
    jobs = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ACCOUNT, user=user, region__in=wanted).order_by("region")
    known = set(jobs.values_list("region", flat=True))
    missing = [BlizzardJob(kind=BlizzardJob.Kind.ACCOUNT, user=user, region=one) for one in sorted(set(wanted) - known)]
    BlizzardJob.objects.bulk_create(missing, ignore_conflicts=True)
    return jobs


def open_account_job(user: User, region: str) -> BlizzardJob:
    """Return the account's job in one region."""
    return open_account_jobs(user, [region]).get()


def without_fresh(jobs: BlizzardJobQuerySet) -> BlizzardJobQuerySet:
    """Return the jobs without those that rest and have just succeeded."""
    return jobs.exclude(Q(state=BlizzardJob.State.RESTING, error_kind="", succeeded_at__gt=timezone.now() - FRESH_FOR))


def is_fresh(job: BlizzardJob) -> bool:
    """Return whether the region has just been read, whatever state the job is in."""
    return not job.error_kind and job.succeeded_at is not None and job.succeeded_at > timezone.now() - FRESH_FOR
