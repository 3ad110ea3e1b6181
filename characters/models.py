"""Characters, and the game data that their ids point to."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Deferrable, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.timestamped import TimestampedModel


class Region(models.TextChoices):
    """Battle.net's regions; each has its own realms and its own host."""

    US = "us", _("Americas")
    EU = "eu", _("Europe")
    KR = "kr", _("Korea")
    TW = "tw", _("Taiwan")


class Faction(models.TextChoices):
    """As Battle.net names them."""

    ALLIANCE = "ALLIANCE", _("Alliance")
    HORDE = "HORDE", _("Horde")
    NEUTRAL = "NEUTRAL", _("Neutral")


class Gender(models.TextChoices):
    """As Battle.net names them."""

    MALE = "MALE", _("Male")
    FEMALE = "FEMALE", _("Female")


class Role(models.TextChoices):
    """What a specialization does in a group."""

    TANK = "TANK", _("Tank")
    HEALER = "HEALER", _("Healer")
    DAMAGE = "DAMAGE", _("Damage")
    UNKNOWN = "UNKNOWN", _("Unknown")


class GameData(models.Model):
    """A row of the game's own tables, keyed by Blizzard's id.

    A roster may name an id before the game data that explains it was fetched: such a row has no name yet.
    """

    id = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class PlayableClass(GameData):
    """Warrior, Mage, …"""

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ("name",)


class PlayableRace(GameData):
    """Human, Orc, …; several races share a name and differ in faction."""

    faction = models.CharField(max_length=8, choices=Faction, blank=True)

    class Meta:
        verbose_name = _("race")
        verbose_name_plural = _("races")
        ordering = ("name", "faction")


class Specialization(GameData):
    """Protection, Holy, …, with the role that it plays."""

    playable_class = models.ForeignKey(
        PlayableClass, on_delete=models.PROTECT, null=True, blank=True, related_name="specializations"
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.UNKNOWN)

    class Meta:
        verbose_name = _("specialization")
        verbose_name_plural = _("specializations")
        ordering = ("playable_class__name", "name")


class Realm(GameData):
    """A realm. Its slug is Blizzard's and is never derived from the name."""

    region = models.CharField(max_length=2, choices=Region)
    slug = models.CharField(max_length=100)
    connected_realm_id = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    category = models.CharField(max_length=100, blank=True)
    locale = models.CharField(max_length=8, blank=True, help_text=_("As Blizzard writes it: frFR."))
    timezone = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("realm")
        verbose_name_plural = _("realms")
        ordering = ("region", "name")
        constraints = (models.UniqueConstraint(fields=("region", "slug"), name="realm_slug_once_per_region"),)

    def __str__(self) -> str:
        return f"{self.name or self.slug} ({self.region.upper()})"


class ProfileState(models.TextChoices):
    """What Battle.net answered when it was asked for the character."""

    UNKNOWN = "UNKNOWN", _("Not asked yet")
    VISIBLE = "VISIBLE", _("Visible")
    NOT_FOUND = "NOT_FOUND", _("Not found")
    FORBIDDEN = "FORBIDDEN", _("Forbidden")


class CharacterQuerySet(models.QuerySet["Character"]):
    """The reads of characters."""

    def of(self, user: User) -> "CharacterQuerySet":
        """The characters that this person's Battle.net account holds."""
        return self.filter(user=user)

    def with_game_data(self) -> "CharacterQuerySet":
        """All that a line in a list shows, in one statement."""
        return self.select_related("realm", "playable_class", "playable_race", "active_spec")

    def alone(self) -> "CharacterQuerySet":
        """Without owner and guild."""
        return self.filter(user=None, membership=None)

    def abandoned(self, days: int) -> "CharacterQuerySet":
        """Without owner and guild for `days`."""
        return self.alone().filter(orphaned_since__lt=timezone.now() - timedelta(days=days))


class Character(TimestampedModel):
    """A character as Battle.net last showed it.

    Known by region, realm and name; `blizzard_id` survives a rename but not a change of faction or realm,
    and two realms may use the same one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="characters"
    )
    wow_account_id = models.BigIntegerField(_("WoW account"), null=True, blank=True)
    owner_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the owner's account last listed the character.")
    )
    account_blizzard_id = models.BigIntegerField(
        _("Blizzard id in the account"),
        null=True,
        blank=True,
        help_text=_("The id under which the owner's account last listed it."),
    )
    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    name = models.CharField(max_length=64)
    region = models.CharField(max_length=2, choices=Region)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="characters")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    playable_class = models.ForeignKey(PlayableClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    playable_race = models.ForeignKey(PlayableRace, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    gender = models.CharField(max_length=8, choices=Gender, blank=True)
    faction = models.CharField(max_length=8, choices=Faction, blank=True)
    active_spec = models.ForeignKey(Specialization, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=8, choices=Role, default=Role.UNKNOWN)
    average_item_level = models.PositiveSmallIntegerField(null=True, blank=True)
    equipped_item_level = models.PositiveSmallIntegerField(null=True, blank=True)
    last_login_at = models.DateTimeField(null=True, blank=True)
    mounts_hash = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the owner's mount ids."))
    toys_hash = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the owner's toy ids."))
    profile_state = models.CharField(max_length=9, choices=ProfileState, default=ProfileState.UNKNOWN)
    status_checked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When Battle.net was last asked whether it may be kept.")
    )
    status_missing_since = models.DateTimeField(
        null=True, blank=True, help_text=_("When Battle.net first did not know it, which counts when it says so twice.")
    )
    orphaned_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when it has neither owner nor guild; says nothing while it has one.")
    )
    last_modified = models.DateTimeField(null=True, blank=True, help_text=_("Battle.net's own time of the profile."))
    profile_checked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When Battle.net last sent the profile, or said that it has not changed.")
    )
    last_synced_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the profile was last fetched in full.")
    )
    details_version = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Which columns that fetch filled, see DETAILS_VERSION.")
    )

    objects = CharacterQuerySet.as_manager()

    class Meta:
        verbose_name = _("character")
        verbose_name_plural = _("characters")
        ordering = ("name",)
        constraints = (
            # Checked at the end of each statement, so that two characters can swap names in one.
            models.UniqueConstraint(
                fields=("region", "realm", "name"),
                name="character_name_once_per_realm",
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(condition=Q(region__in=Region.values), name="character_region_known"),
            models.CheckConstraint(condition=~Q(name=""), name="character_has_name"),
        )
        indexes = (models.Index(fields=("region", "blizzard_id"), name="character_blizzard_id"),)

    def __str__(self) -> str:
        return self.name

    @property
    def class_label(self) -> str:
        """Return the specialization and class, such as "Frost Mage"."""
        return f"{self.active_spec or ''} {self.playable_class}".lstrip()

    @property
    def needs_rename(self) -> bool:
        """Blizzard took its name: the name holds a digit, and no character endpoint knows it."""
        return any(letter.isdecimal() for letter in self.name)
