"""Guilds, and who stands in them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.timestamped import TimestampedModel
from characters.models import Character, Faction, Realm, Region
from guilds.player_links import LinkState, expires_soon, gives_rights, link_expiry, link_lifetime, link_state
from guilds.settings.links import Link, check_links, links_of

GUILD_MASTER_RANK = 0
LOWEST_RANK = 9
LONGEST_GRACE_HOURS = 72
# How long a link between a player and a character gives rights after the player's last sign-in, in days.
DEFAULT_LINK_DAYS = 30
LONGEST_LINK_DAYS = 90
# How long the deletion of a guild's data can be undone.
KEPT_AFTER_DELETION = timedelta(days=7)


class Visibility(models.TextChoices):
    """Who may see a guild's pages."""

    MEMBERS = "MEMBERS", _("Members only")
    EVERYBODY = "EVERYBODY", _("Everybody")


class GuildQuerySet(models.QuerySet["Guild"]):
    """The reads of guilds."""

    def open(self) -> "GuildQuerySet":
        """Those whose data nobody has deleted."""
        return self.filter(deleted_at=None)

    def of(self, user: User) -> "GuildQuerySet":
        """The guilds in which at least one of this person's characters gives them rights."""
        return self.open().filter(pk__in=Membership.objects.order_by().giving_rights_to(user).values("guild"))

    def restorable(self) -> "GuildQuerySet":
        """Those whose data was deleted and can still be brought back."""
        return self.filter(purged_at=None, deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    def to_purge(self) -> "GuildQuerySet":
        """Those whose data was deleted so long ago that it goes for good."""
        return self.filter(purged_at=None, deleted_at__lte=timezone.now() - KEPT_AFTER_DELETION)

    def at(self, region: str, realm_slug: str, slug: str) -> "GuildQuerySet":
        """The one guild with this address, or none. One whose data was deleted is still found."""
        return self.filter(region=region, realm__slug=realm_slug, slug=slug)


class Guild(TimestampedModel):
    """A guild as Battle.net last showed it, with what its officers say about it."""

    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    name = models.CharField(max_length=64)
    slug = models.CharField(max_length=64, help_text=_("As Battle.net's addresses have it."))
    region = models.CharField(max_length=2, choices=Region)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="guilds")
    faction = models.CharField(max_length=8, choices=Faction, blank=True)
    crest = models.JSONField(default=dict, blank=True)
    member_count = models.PositiveIntegerField(null=True, blank=True)
    achievement_points = models.PositiveIntegerField(null=True, blank=True)
    founded_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    recruiting = models.TextField(blank=True, help_text=_("Whom the guild looks for, and how to apply."))
    links = models.JSONField(
        default=list, blank=True, validators=(check_links,), help_text=_('A list of {"label": …, "url": …}.')
    )
    visibility = models.CharField(max_length=9, choices=Visibility, default=Visibility.MEMBERS)
    grace_hours = models.PositiveSmallIntegerField(
        default=0, help_text=_("How long a person whose last character left may still read the guild's pages.")
    )
    link_days = models.PositiveSmallIntegerField(
        default=DEFAULT_LINK_DAYS,
        db_default=DEFAULT_LINK_DAYS,
        help_text=_("For how many days after a sign-in a player's characters give rights."),
    )
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody deleted the guild's data. It is hidden, then gone.")
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the deleted data went for good. What is left keeps the sync away.")
    )
    roster_doubted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a roster lacked so many members that it was not believed.")
    )
    roster_doubted_modified = models.DateTimeField(
        null=True, blank=True, help_text=_("Battle.net's own time of that roster: only a later one confirms it.")
    )
    roster_doubted_characters = ArrayField(
        models.UUIDField(), null=True, blank=True, help_text=_("The characters that it and every one since lacked.")
    )
    not_found_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when Battle.net has not known the guild at its address.")
    )
    disbanded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync learned for sure that the guild is no more.")
    )
    last_modified = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Only a later roster is requested. Empty or a second early to have the same one again."),
    )
    roster_snapshot_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Battle.net's own time of the roster that is shown.")
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
        """The guild's overview."""
        return reverse("guilds:overview", args=(self,))

    @property
    def address(self) -> str:
        """Region, realm slug and guild slug, as in the guild's URLs."""
        return f"{self.region}/{self.realm.slug}/{self.slug}"

    @property
    def is_restorable(self) -> bool:
        """Whether the guild's data was deleted and can still be restored."""
        is_recent = self.deleted_at is not None and self.deleted_at > timezone.now() - KEPT_AFTER_DELETION
        return is_recent and self.purged_at is None

    @property
    def shown_links(self) -> list[Link]:
        """The links as a page may show them."""
        return links_of(self.links)

    @property
    def purge_due_at(self) -> datetime | None:
        """When deleted data goes for good; None while nobody deleted it."""
        return self.deleted_at and self.deleted_at + KEPT_AFTER_DELETION


class MembershipQuerySet(models.QuerySet["Membership"]):
    """The reads of memberships."""

    def with_characters(self) -> "MembershipQuerySet":
        """All that a roster line shows, in one statement."""
        return self.select_related(
            "character__realm",
            "character__playable_class",
            "character__playable_race",
            "character__active_spec",
        )

    def named(self, text: str) -> "MembershipQuerySet":
        """Whose character's name holds `text`, whatever its case."""
        return self.filter(character__name__icontains=text)

    def with_confirmed_owner(self) -> "MembershipQuerySet":
        """Those whose player holds the rights of the rank. All that derives rights from an owner goes through here."""
        return self.filter(gives_rights())

    def giving_rights_to(self, user: User) -> "MembershipQuerySet":
        """The person's places in guilds, as far as they give rights."""
        return self.with_confirmed_owner().filter(character__user=user)

    def linked_to(self, user: User) -> "MembershipQuerySet":
        """The person's places in guilds, whether they give rights or not."""
        return self.filter(character__user=user)

    def best_rank(self, user: User, guild: Guild) -> int | None:
        """The best (lowest) rank whose rights the person holds in the guild; None without any."""
        return self.giving_rights_to(user)._best_rank(guild)

    def best_linked_rank(self, user: User, guild: Guild) -> int | None:
        """The best (lowest) rank of the person's characters in the guild, also where it gives no rights at present.

        For what protects somebody from those of a lower rank: that must not end because a sign-in is long ago.
        """
        return self.linked_to(user)._best_rank(guild)

    def _best_rank(self, guild: Guild) -> int | None:
        rank: int | None = self.filter(guild=guild).aggregate(best=models.Min("rank"))["best"]
        return rank


class Membership(TimestampedModel):
    """A character's place in a guild. A character stands in one guild at most."""

    class MainChoice(models.TextChoices):
        """Whose word made a character the main; it holds while the character is that person's and in the guild."""

        OWN = "OWN", _("the person's own choice")
        OFFICER = "OFFICER", _("an officer's choice")

    character = models.OneToOneField(Character, on_delete=models.CASCADE, related_name="membership")
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="memberships")
    rank = models.PositiveSmallIntegerField(help_text=_("0 is the guild master."))
    main_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mains",
        help_text=_("The person whose main in this guild the character is."),
    )
    main_choice = models.CharField(
        max_length=7, choices=MainChoice, blank=True, help_text=_("Who made it the main; empty when the rule did.")
    )
    main_chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Named by the design; derived, so that it can never disagree with `main_of`.
    is_main = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(main_of__isnull=False), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    noted_main = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="noted_alts",
        help_text=_("The member whose alt this is, as an officer says. Shown only; it gives no right."),
    )
    roster_blizzard_id = models.BigIntegerField(
        _("Blizzard id in the roster"),
        null=True,
        blank=True,
        help_text=_("The id under which the guild's roster last listed the character."),
    )
    rank_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when rosters show this rank for this id.")
    )
    joined_seen_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync saw them join; empty for those of the first roster.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("rank", "character__name")
        constraints = (
            models.CheckConstraint(condition=Q(rank__gte=GUILD_MASTER_RANK), name="membership_rank_not_negative"),
            models.UniqueConstraint(fields=("guild", "main_of"), name="membership_one_main_per_person"),
        )
        indexes = (models.Index(fields=("guild", "rank"), name="membership_guild_rank"),)

    def __str__(self) -> str:
        return f"{self.character_id} in {self.guild_id}"

    @property
    def is_chosen_main(self) -> bool:
        """Whether somebody chose it for the person who has the character now."""
        return bool(self.main_choice) and self.main_of_id is not None and self.main_of_id == self.character.user_id

    @property
    def link_days(self) -> int:
        """For how many days a link gives rights here, by the guild's setting and the site's."""
        return link_lifetime(self.guild.link_days).days

    @property
    def link_expires_at(self) -> datetime | None:
        """Until when the link to the player gives rights; None without one. Reads character and guild."""
        return link_expiry(self.character.owner_confirmed_at, self.guild.link_days)

    @property
    def link_expires_soon(self) -> bool:
        """Whether it is time to ask the player to sign in again."""
        return expires_soon(self.link_expires_at)

    @property
    def link_state(self) -> LinkState | None:
        """What the link to the player is worth; None without one. Reads character and guild."""
        if self.character.user_id is None:
            return None
        return link_state(
            account_id=self.character.account_blizzard_id,
            roster_id=self.roster_blizzard_id,
            character_id=self.character.blizzard_id,
            expires_at=self.link_expires_at,
        )
