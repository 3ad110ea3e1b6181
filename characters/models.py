"""Characters, and the game data that they reference."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Deferrable, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel


class Region(models.TextChoices):
    """Battle.net's regions; each has its own realms and API host."""

    US = "us", _("Americas")
    EU = "eu", _("Europe")
    KR = "kr", _("Korea")
    TW = "tw", _("Taiwan")


class Faction(models.TextChoices):
    """The factions, as Battle.net names them."""

    ALLIANCE = "ALLIANCE", _("Alliance")
    HORDE = "HORDE", _("Horde")
    NEUTRAL = "NEUTRAL", _("Neutral")


class Gender(models.TextChoices):
    """The genders, as Battle.net names them."""

    MALE = "MALE", _("Male")
    FEMALE = "FEMALE", _("Female")


class Role(models.TextChoices):
    """The role of a specialization in a group."""

    TANK = "TANK", _("Tank")
    HEALER = "HEALER", _("Healer")
    DAMAGE = "DAMAGE", _("Damage")
    UNKNOWN = "UNKNOWN", _("Unknown")


# What a character loses when it is no longer linked to a player.
UNLINKED: dict[str, Any] = {
    "user": None,
    "wow_account_id": None,
    "mounts_hash": "",
    "toys_hash": "",
    "owner_confirmed_at": None,
    "account_blizzard_id": None,
}


class GameData(models.Model):
    """Game data, keyed by Blizzard's id.

    A roster can contain an id before the game data is fetched: such a row has no name yet.
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
    """A class, such as Warrior."""

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ("name",)


class PlayableRace(GameData):
    """A race, such as Orc. Several races share a name and differ in faction."""

    faction = models.CharField(max_length=8, choices=Faction, blank=True)

    class Meta:
        verbose_name = _("race")
        verbose_name_plural = _("races")
        ordering = ("name", "faction")


class Specialization(GameData):
    """A specialization, such as Frost, with its role."""

    playable_class = models.ForeignKey(
        PlayableClass, on_delete=models.PROTECT, null=True, blank=True, related_name="specializations"
    )
    role = models.CharField(max_length=8, choices=Role, default=Role.UNKNOWN)

    class Meta:
        verbose_name = _("specialization")
        verbose_name_plural = _("specializations")
        ordering = ("playable_class__name", "name")


class Realm(GameData):
    """A realm. Its slug comes from Blizzard and is never derived from the name."""

    region = models.CharField(max_length=2, choices=Region)
    slug = models.CharField(max_length=100)
    connected_realm_id = models.PositiveIntegerField(null=True, blank=True, db_index=True)
    category = models.CharField(max_length=100, blank=True)
    locale = models.CharField(max_length=8, blank=True, help_text=_("In Blizzard's notation: frFR."))
    timezone = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("realm")
        verbose_name_plural = _("realms")
        ordering = ("region", "name")
        constraints = (models.UniqueConstraint(fields=("region", "slug"), name="realm_slug_once_per_region"),)

    def __str__(self) -> str:
        return f"{self.name or self.slug} ({self.region.upper()})"


class ProfileState(models.TextChoices):
    """Battle.net's answer to the last request for the profile."""

    UNKNOWN = "UNKNOWN", _("Not fetched yet")
    VISIBLE = "VISIBLE", _("Visible")
    NOT_FOUND = "NOT_FOUND", _("Not found")
    FORBIDDEN = "FORBIDDEN", _("Forbidden")


# The answers for characters that Battle.net does not show.
HIDDEN = (ProfileState.NOT_FOUND, ProfileState.FORBIDDEN)


class CharacterQuerySet(models.QuerySet["Character"]):
    """Queries for characters."""

    def of(self, user: User) -> "CharacterQuerySet":
        return self.filter(user=user)

    def with_game_data(self) -> "CharacterQuerySet":
        """Load what a row of a list shows, in the same statement."""
        return self.select_related("realm", "playable_class", "playable_race", "active_spec")

    def orphaned(self) -> "CharacterQuerySet":
        return self.filter(user=None, membership=None)

    def orphaned_for(self, days: int) -> "CharacterQuerySet":
        return self.orphaned().filter(orphaned_since__lt=timezone.now() - timedelta(days=days))


class Character(TimestampedModel):
    """A character as Battle.net last showed it.

    Identified by region, realm and name. `blizzard_id` survives a rename but not a change of faction or realm, and two
    realms can use the same one.
    """

    user = optional_person(related_name="characters")
    wow_account_id = models.BigIntegerField(_("WoW account"), null=True, blank=True)
    owner_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the owner's account last listed the character.")
    )
    account_blizzard_id = models.BigIntegerField(
        _("Blizzard id in the account"),
        null=True,
        blank=True,
        help_text=_("The id under which the owner's account last listed the character."),
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
        null=True, blank=True, help_text=_("When Battle.net last confirmed that it exists (/status).")
    )
    status_missing_since = models.DateTimeField(
        null=True, blank=True, help_text=_("When Battle.net first did not know it; a second such answer deletes it.")
    )
    orphaned_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when it has had neither owner nor guild; unused while it has one.")
    )
    last_modified = models.DateTimeField(
        null=True, blank=True, help_text=_("Battle.net's Last-Modified of the profile.")
    )
    last_synced_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the profile was last fetched in full.")
    )
    profile_version = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("Which columns that fetch wrote, see PROFILE_VERSION.")
    )
    specializations = models.ManyToManyField(
        Specialization,
        related_name="+",
        blank=True,
        help_text=_("Those for which talents are chosen; known for active members only."),
    )

    objects = CharacterQuerySet.as_manager()

    class Meta:
        verbose_name = _("character")
        verbose_name_plural = _("characters")
        ordering = ("name",)
        constraints = (
            # Checked after each statement, so that two characters can swap names.
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
        """Return True if Blizzard took the name: it contains a digit, and no character endpoint knows it."""
        return any(letter.isdecimal() for letter in self.name)

    @property
    def last_known_name(self) -> str:
        """Return the name that Battle.net last gave, also when another character has taken it since."""
        return self.name.partition("~")[0]

    @property
    def placeholder_name(self) -> str:
        """Return a name that no player can choose, for a character whose name another one has taken."""
        return f"{self.last_known_name}~{self.blizzard_id}"


class ItemLevelRecord(models.Model):
    """A character's equipped item level on a day (UTC) on which it changed."""

    character = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="item_levels")
    day = models.DateField()
    item_level = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("item level on a day")
        verbose_name_plural = _("item levels by day")
        ordering = ("day",)
        constraints = (models.UniqueConstraint(fields=("character", "day"), name="item_level_once_a_day"),)
        indexes = (models.Index(fields=("day",), name="item_level_day"),)

    def __str__(self) -> str:
        return f"{self.item_level} on {self.day}"


class Picture(TimestampedModel):
    """A picture from Battle.net: a character's portrait, or the icon of a class or specialization.

    Its id is its address, so a picture that changed is a new row.
    """

    character = models.OneToOneField(Character, on_delete=models.CASCADE, null=True, blank=True)
    playable_class = models.OneToOneField(PlayableClass, on_delete=models.CASCADE, null=True, blank=True)
    specialization = models.OneToOneField(Specialization, on_delete=models.CASCADE, null=True, blank=True)
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)
    last_modified = models.DateTimeField(
        null=True, blank=True, help_text=_("Battle.net's Last-Modified of the document that named the picture.")
    )

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = (
            models.CheckConstraint(
                name="picture_of_one_subject",
                condition=(
                    Q(character__isnull=False, playable_class=None, specialization=None)
                    | Q(character=None, playable_class__isnull=False, specialization=None)
                    | Q(character=None, playable_class=None, specialization__isnull=False)
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.character or self.playable_class or self.specialization}"
