"""Former members: who left a guild, and what they get back if they return in time."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character, PlayableClass, Realm
from guilds.models.guild import Guild
from guilds.models.membership import Membership
from guilds.player_links import LinkState

# How long a returning member gets back what they had, and who they belonged to is kept.
KEPT_AFTER_LEAVING = timedelta(days=30)
# How long officers see who left.
LISTED_AFTER_LEAVING = timedelta(days=365)


class FormerMemberQuerySet(models.QuerySet["FormerMember"]):
    """Reads of former members."""

    def still_out(self, guild: Guild) -> "FormerMemberQuerySet":
        """Return those of a guild that are not in it again, latest first."""
        same = Membership.objects.filter(
            guild=guild,
            character__realm=models.OuterRef("realm"),
            character__blizzard_id=models.OuterRef("blizzard_id"),
        )
        back = models.Q(character__membership__guild=guild) | models.Exists(same)
        return self.filter(guild=guild).exclude(back).order_by("-left_at", "name", "pk")


class FormerMember(TimestampedModel):
    """A character that left a guild, as it was then.

    Realm and Blizzard id identify it: a `Character` row can later become another character, or be deleted.
    """

    class Reason(models.TextChoices):
        LEFT = "LEFT", _("no longer on the roster")
        OTHER_GUILD = "OTHER_GUILD", _("in another guild")
        DISBANDED = "DISBANDED", _("the guild was disbanded")

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="former_members")
    character = models.ForeignKey(
        Character, on_delete=models.SET_NULL, null=True, blank=True, related_name="former_memberships"
    )
    person = optional_person(related_name="former_memberships", help_text=_("The player whose character it was."))
    link_state = models.CharField(
        max_length=14, choices=LinkState, blank=True, help_text=_("Whether the character gave its player permissions.")
    )
    name = models.CharField(max_length=64)
    rank = models.PositiveSmallIntegerField()
    playable_class = models.ForeignKey(PlayableClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=11, choices=Reason)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    joined_seen_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField()
    main_of = optional_person(help_text=_("The player whose chosen main it was; empty when nobody had chosen it."))
    main_choice = models.CharField(max_length=7, choices=Membership.MainChoice, blank=True)
    main_chosen_by = optional_person()

    objects = FormerMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("former member")
        verbose_name_plural = _("former members")
        ordering = ("-left_at",)
        constraints = (models.UniqueConstraint(fields=("guild", "character"), name="former_member_once_per_guild"),)
        indexes = (models.Index(fields=("left_at",), name="former_member_left_at"),)

    def __str__(self) -> str:
        return f"{self.name}, formerly in {self.guild_id}"

    @property
    def had_rights(self) -> bool:
        """Return whether its player had permissions through the character when it left."""
        return self.link_state == LinkState.CONFIRMED


class ReinviteFlag(TimestampedModel):
    """An officers' mark on a former member who should not be invited again, with the reason.

    It concerns the character, and all characters of its player as far as they are known.
    """

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="reinvite_flags")
    character = models.ForeignKey(Character, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    person = optional_person(help_text=_("The player whose character it was."))
    name = models.CharField(max_length=64)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    reason = models.CharField(max_length=500)
    flagged_by = optional_person()

    class Meta:
        verbose_name = _("do-not-re-invite flag")
        verbose_name_plural = _("do-not-re-invite flags")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("guild", "realm", "blizzard_id"), name="reinvite_flag_once_per_character"),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class FormerGuildMaster(TimestampedModel):
    """A player who was guild master until recently, and can restore the guild's data if a successor deletes it."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="former_masters")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("former guild master")
        verbose_name_plural = _("former guild masters")
        ordering = ("-until",)
        constraints = (models.UniqueConstraint(fields=("guild", "person"), name="former_master_once_per_guild"),)

    def __str__(self) -> str:
        return f"{self.person_id}, formerly guild master of {self.guild_id}"


class FormerAltNote(TimestampedModel):
    """An officers' note on whose alt a character is, which ended because one of the two left the guild."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="former_alt_notes")
    alt = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="+")
    main = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="+")
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = _("former alt note")
        verbose_name_plural = _("former alt notes")
        ordering = ("-ended_at",)
        constraints = (models.UniqueConstraint(fields=("guild", "alt"), name="former_alt_note_once_per_guild"),)
        indexes = (models.Index(fields=("ended_at",), name="former_alt_note_ended_at"),)

    def __str__(self) -> str:
        return f"{self.alt_id} of {self.main_id}"
