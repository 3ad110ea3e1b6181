"""Roster rules, and leaves: times in which a player is away, announced by them or noted by officers."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character
from guilds.away.rule import Action, Measure, Rule
from guilds.models.guild import Guild

LONGEST_NAME = 80
LONGEST_REASON = 300


class RosterRule(TimestampedModel):
    """Whom officers want to warn, promote, demote or remove, by the days not seen or in the guild."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="roster_rules")
    name = models.CharField(max_length=LONGEST_NAME, help_text=_("Also the reason of the to-do items."))
    action = models.CharField(max_length=7, choices=Action)
    to_rank = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Of promotions and demotions; empty for others.")
    )
    measure = models.CharField(max_length=8, choices=Measure)
    days = models.PositiveSmallIntegerField()
    per_player = models.BooleanField(help_text=_("Whether the days count for all characters of a player together."))
    ranks = ArrayField(models.PositiveSmallIntegerField())
    below_level = models.PositiveSmallIntegerField(null=True, blank=True)
    joined_within = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Members who joined within this many days are exempt.")
    )
    exempt = models.ManyToManyField(Character, blank=True, related_name="+")

    class Meta:
        verbose_name = _("roster rule")
        verbose_name_plural = _("roster rules")
        ordering = ("created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(action__in=("PROMOTE", "DEMOTE"), to_rank__isnull=False)
                | Q(action__in=("WARN", "REMOVE"), to_rank=None),
                name="roster_rule_rank_matches_action",
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="roster_rule_has_days"),
        )

    def __str__(self) -> str:
        return self.name

    def terms(self, exempt: frozenset[UUID]) -> Rule:
        """Return the rule as plain values; `exempt` are ids of characters, which the caller has loaded."""
        return Rule(
            id=self.pk,
            action=self.action,
            days=self.days,
            ranks=frozenset(self.ranks),
            measure=self.measure,
            per_player=self.per_player,
            to_rank=self.to_rank,
            below_level=self.below_level,
            joined_within=self.joined_within,
            exempt=exempt,
        )


class LeaveQuerySet(models.QuerySet["Leave"]):
    """Reads of leaves."""

    def on(self, day: date) -> "LeaveQuerySet":
        """Return the leaves that include this day."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def about(self, person: User) -> "LeaveQuerySet":
        """Return the person's own leaves, and those that officers noted about their characters."""
        return self.filter(Q(person=person) | Q(character__user=person))

    def not_over(self, day: date) -> "LeaveQuerySet":
        """Return the leaves that end on this day or later, the next one first."""
        return self.filter(ends_on__gte=day).order_by("starts_on", "ends_on", "pk")


class Leave(TimestampedModel):
    """A time in which a player is away, both days included.

    An own leave (`person`) holds in every guild. A noted one (`guild`, `character`) is an officer's, for that guild,
    and holds for all characters of the character's player there.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="leaves"
    )
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, null=True, blank=True, related_name="noted_leaves")
    character = models.ForeignKey(
        Character, on_delete=models.CASCADE, null=True, blank=True, related_name="noted_leaves"
    )
    noted_by = optional_person()
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ("starts_on",)
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, guild=None, character=None, noted_by=None)
                | Q(person=None, guild__isnull=False, character__isnull=False),
                name="leave_is_own_or_noted",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="leave_ends_after_it_starts"),
        )
        indexes = (models.Index(fields=("ends_on",), name="leave_ends_on"),)

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"

    @property
    def is_own(self) -> bool:
        return self.person_id is not None
