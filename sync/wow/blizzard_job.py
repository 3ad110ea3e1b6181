"""The jobs of Blizzard's API: accounts, profiles, rosters and game data."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from characters.models import Character, Region
from guilds.models import Guild
from sync.engine.jobs import Job, JobQuerySet


class BlizzardJobQuerySet(JobQuerySet["BlizzardJob"]):
    """The reads of the table of Blizzard's jobs."""

    def of_account(self, user: Any) -> Self:
        """Return the jobs of a person's account, one for each configured region."""
        return self.filter(kind="account", user=user, region__in=settings.BLIZZARD_REGIONS)

    def of_guild(self, guild: Guild) -> Self:
        """Return the jobs of the guild's roster and its members' profiles, without accounts."""
        return self.filter(Q(guild=guild) | Q(character__membership__guild=guild))


class BlizzardJob(Job):
    """The state of one kind of data of a person's account in a region, a character, a guild or a region."""

    class Kind(models.TextChoices):
        """The kinds of data."""

        ACCOUNT = "account", _("account")
        PROFILE = "profile", _("profile")
        ROSTER = "roster", _("roster")
        GAME_DATA = "game_data", _("game data")

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
