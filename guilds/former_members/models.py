"""What members lose when they leave a guild, kept for a while for those who come back."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from characters.models import Character, Realm
from guilds.models.rosters import Guild, Membership

# How long it is kept. Whoever returns later is a new member.
KEPT_AFTER_LEAVING = timedelta(days=30)


class FormerMemberQuerySet(models.QuerySet["FormerMember"]):
    """The reads of former members."""

    def who_may_return(self) -> "FormerMemberQuerySet":
        """Those who left so lately that they get back what they had."""
        return self.filter(left_at__gt=timezone.now() - KEPT_AFTER_LEAVING)


class FormerMember(TimestampedModel):
    """A character that left a guild, with what its membership held.

    The realm and Blizzard id of that time say who it was: a row of a character can come to be another character.
    """

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="former_members")
    character = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="former_memberships")
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    joined_seen_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField()
    main_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The player whose chosen main it was; empty when nobody had chosen it."),
    )
    main_choice = models.CharField(max_length=7, choices=Membership.MainChoice, blank=True)
    main_chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = FormerMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("former member")
        verbose_name_plural = _("former members")
        ordering = ("-left_at",)
        constraints = (models.UniqueConstraint(fields=("guild", "character"), name="former_member_once_per_guild"),)
        indexes = (models.Index(fields=("left_at",), name="former_member_left_at"),)

    def __str__(self) -> str:
        return f"{self.character_id} formerly in {self.guild_id}"


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
