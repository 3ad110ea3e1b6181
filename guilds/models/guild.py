"""Guilds."""

from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Faction, Realm, Region
from guilds.settings.links import Link, check_links, links_of

GUILD_MASTER_RANK = 0
LOWEST_RANK = 9
LONGEST_GRACE_HOURS = 72
# How long a link between a player and a character gives permissions after the player's last sign-in, in days.
DEFAULT_LINK_DAYS = 30
LONGEST_LINK_DAYS = 90
# How long the deletion of a guild's data can be undone.
KEPT_AFTER_DELETION = timedelta(days=7)


class Visibility(models.TextChoices):
    """The audience of a guild's pages."""

    MEMBERS = "MEMBERS", _("Members only")
    EVERYBODY = "EVERYBODY", _("Everyone")


class GuildQuerySet(models.QuerySet["Guild"]):
    """Reads of guilds."""

    def open(self) -> "GuildQuerySet":
        return self.filter(deleted_at=None)

    def restorable(self) -> "GuildQuerySet":
        return self.filter(purged_at=None, deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    def to_purge(self) -> "GuildQuerySet":
        return self.filter(purged_at=None, deleted_at__lte=timezone.now() - KEPT_AFTER_DELETION)

    def at(self, region: str, realm_slug: str, slug: str) -> "GuildQuerySet":
        """The guild with this address, if any, including one whose data was deleted."""
        return self.filter(region=region, realm__slug=realm_slug, slug=slug)

    def with_rank_names(self) -> "GuildQuerySet":
        """With the levels and names of the ranks, which `rank_names` then returns without a statement."""
        return self.annotate(named_ranks=ArrayAgg(JSONObject(level="ranks__rank_level", name="ranks__rank_name")))


class Guild(TimestampedModel):
    """A guild: what Battle.net last showed, and what its officers wrote about it."""

    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    name = models.CharField(max_length=64)
    slug = models.CharField(max_length=64, help_text=_("As in Battle.net's URLs."))
    region = models.CharField(max_length=2, choices=Region)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="guilds")
    faction = models.CharField(max_length=8, choices=Faction, blank=True)
    crest = models.JSONField(default=dict, blank=True)
    member_count = models.PositiveIntegerField(null=True, blank=True)
    achievement_points = models.PositiveIntegerField(null=True, blank=True)
    founded_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    recruiting = models.TextField(blank=True, help_text=_("Who the guild is looking for, and how to apply."))
    links = models.JSONField(
        default=list, blank=True, validators=(check_links,), help_text=_('A list of {"label": …, "url": …}.')
    )
    visibility = models.CharField(max_length=9, choices=Visibility, default=Visibility.MEMBERS)
    grace_hours = models.PositiveSmallIntegerField(
        default=0, help_text=_("How many hours a player whose last character left can still view the guild's pages.")
    )
    link_days = models.PositiveSmallIntegerField(
        default=DEFAULT_LINK_DAYS,
        db_default=DEFAULT_LINK_DAYS,
        help_text=_("For how many days after a sign-in a player's characters give permissions."),
    )
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the guild's data was deleted. It is hidden first, and purged later.")
    )
    deleted_by = optional_person()
    purged_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "When the deleted data was purged. The remaining row keeps the sync from fetching the guild again."
        ),
    )
    roster_doubted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a roster lacked so many members that a later one has to confirm it.")
    )
    roster_doubted_modified = models.DateTimeField(
        null=True, blank=True, help_text=_("The time that Battle.net gave that roster: only a later one confirms it.")
    )
    roster_doubted_characters = ArrayField(
        models.UUIDField(),
        null=True,
        blank=True,
        help_text=_("The characters missing from it and from every roster since."),
    )
    not_found_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when Battle.net has not known the guild at its address.")
    )
    disbanded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync found that the guild no longer exists.")
    )
    last_modified = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Only a later roster is requested. Empty, or a second early, to get the same one again."),
    )
    roster_snapshot_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The time that Battle.net gave the roster that is shown.")
    )
    roster_checked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When Battle.net last sent the roster, or said that it has not changed.")
    )
    last_synced_at = models.DateTimeField(null=True, blank=True, help_text=_("When a roster was last written."))

    objects = GuildQuerySet.as_manager()

    class Meta:
        verbose_name = _("guild")
        verbose_name_plural = _("guilds")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("region", "realm", "slug"), name="guild_slug_once_per_realm"),
            models.CheckConstraint(condition=Q(region__in=Region.values), name="guild_region_known"),
            models.CheckConstraint(condition=Q(grace_hours__lte=LONGEST_GRACE_HOURS), name="guild_grace_bounded"),
            models.CheckConstraint(
                condition=Q(link_days__range=(1, LONGEST_LINK_DAYS)), name="guild_link_days_bounded"
            ),
        )
        indexes = (models.Index(fields=("region", "blizzard_id"), name="guild_blizzard_id"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("guilds:overview", args=(self,))

    @property
    def address(self) -> str:
        """Region, realm slug and guild slug, as in the guild's URLs."""
        return f"{self.region}/{self.realm.slug}/{self.slug}"

    @property
    def is_restorable(self) -> bool:
        is_recent = self.deleted_at is not None and self.deleted_at > timezone.now() - KEPT_AFTER_DELETION
        return is_recent and self.purged_at is None

    @property
    def shown_links(self) -> list[Link]:
        return links_of(self.links)

    @property
    def purge_due_at(self) -> datetime | None:
        return self.deleted_at and self.deleted_at + KEPT_AFTER_DELETION
