"""Memberships: which character is in which guild."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character, Picture
from guilds.models.guild import GUILD_MASTER_RANK, Guild
from guilds.player_links import LinkState, expires_soon, gives_rights, link_expiry, link_lifetime, link_state


def _picture(**subject: OuterRef) -> Subquery:
    # No joins: with more than eight tables PostgreSQL takes them in the order in which they are written.
    return Subquery(Picture.objects.filter(**subject).order_by().values("pk"))


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def with_characters(self) -> "MembershipQuerySet":
        """With everything that a line of the roster shows, in one statement."""
        return self.select_related(
            "character__realm",
            "character__playable_class",
            "character__playable_race",
            "character__active_spec",
        )

    def with_pictures(self) -> "MembershipQuerySet":
        """With the addresses of the portrait and the icons, as `portrait`, `class_icon` and `spec_icon`."""
        return self.annotate(
            portrait=_picture(character=OuterRef("character")),
            class_icon=_picture(playable_class=OuterRef("character__playable_class")),
            spec_icon=_picture(specialization=OuterRef("character__active_spec")),
        )

    def with_confirmed_owner(self, now: datetime | None = None) -> "MembershipQuerySet":
        """Return those that give their player permissions; everything that derives permissions uses this."""
        return self.filter(gives_rights(now))

    def with_confirmed_link_to(self, user: User | UUID, now: datetime | None = None) -> "MembershipQuerySet":
        return self.with_confirmed_owner(now).filter(character__user=user)

    def linked_to(self, user: User) -> "MembershipQuerySet":
        """The user's memberships, whether they give permissions or not."""
        return self.filter(character__user=user)

    def best_rank(self, user: User, guild: Guild) -> int | None:
        """Return the best (lowest) rank whose permissions the user has in the guild; None without any."""
        return self.with_confirmed_link_to(user)._best_rank(guild)

    def best_linked_rank(self, user: User, guild: Guild) -> int | None:
        """Return the best (lowest) rank of the user's characters in the guild, even if it gives no permissions now.

        Use it for rules that protect higher ranks from lower ones, also after their sign-in has expired.
        """
        return self.linked_to(user)._best_rank(guild)

    def own_places(self, user: User, guild: Guild) -> "list[Membership]":
        """Return the user's memberships that give permissions in the guild, best rank first."""
        places = self.with_confirmed_link_to(user).filter(guild=guild).select_related("character", "main_chosen_by")
        return list(places.order_by("rank", "pk"))

    def _best_rank(self, guild: Guild) -> int | None:
        rank: int | None = self.filter(guild=guild).aggregate(best=models.Min("rank"))["best"]
        return rank


class Membership(TimestampedModel):
    """A character in a guild. A character is in one guild at most."""

    class MainChoice(models.TextChoices):
        """The origin of a chosen main. The choice lasts while the character is that player's and in the guild."""

        OWN = "OWN", _("chosen by the player")
        OFFICER = "OFFICER", _("chosen by an officer")

    character = models.OneToOneField(Character, on_delete=models.CASCADE, related_name="membership")
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="memberships")
    rank = models.PositiveSmallIntegerField(help_text=_("0 is the guild master."))
    main_of = optional_person(
        related_name="mains", help_text=_("The player whose main in this guild the character is.")
    )
    main_choice = models.CharField(
        max_length=7, choices=MainChoice, blank=True, help_text=_("Who chose it as main; empty if automatic.")
    )
    main_chosen_by = optional_person()
    # Derived, so that it always agrees with `main_of`.
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
        help_text=_("The member whose alt this is, as noted by officers. Gives no permissions."),
    )
    roster_blizzard_id = models.BigIntegerField(
        _("Blizzard id in the roster"),
        null=True,
        blank=True,
        help_text=_("The id under which the guild's roster last listed the character."),
    )
    rank_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when rosters have shown this rank for this id.")
    )
    joined_seen_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync saw the character join; empty for members of the first roster.")
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
        """Return whether someone chose it for the character's current player."""
        return bool(self.main_choice) and self.main_of_id is not None and self.main_of_id == self.character.user_id

    @property
    def link_days(self) -> int:
        """Return for how many days a link gives permissions, by the guild's setting and the site's."""
        return link_lifetime(self.guild.link_days).days

    @property
    def link_expires_at(self) -> datetime | None:
        """Return when the link to the player expires; None without one. Reads character and guild."""
        return link_expiry(self.character.owner_confirmed_at, self.guild.link_days)

    @property
    def link_expires_soon(self) -> bool:
        return expires_soon(self.link_expires_at)

    @property
    def link_state(self) -> LinkState | None:
        """The state of the link to the player; None without one. Reads character and guild."""
        if self.character.user_id is None:
            return None
        return link_state(
            account_id=self.character.account_blizzard_id,
            roster_id=self.roster_blizzard_id,
            character_id=self.character.blizzard_id,
            expires_at=self.link_expires_at,
        )

    @property
    def is_confirmed(self) -> bool:
        """Return whether the link currently gives its player permissions. Reads character and guild."""
        return self.link_state == LinkState.CONFIRMED
