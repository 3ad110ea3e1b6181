"""What Bungie says about a membership: its characters, and how far to trust the last answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from destiny.models.accounts import DestinyMembership


class DestinyProfile(TimestampedModel):
    """The last answer about a membership: when Bungie made it, what it kept back, and what is not yet believed.

    `hidden` says for each part without data why: private, disabled or missing. `doubts` says for each part of which
    most had disappeared when that was first seen; a second answer confirms or disproves it. Whoever writes guardians or
    items of the membership locks this row first.
    """

    membership = models.OneToOneField(DestinyMembership, on_delete=models.CASCADE, related_name="profile")
    minted_at = models.DateTimeField(null=True, blank=True, help_text=_("When Bungie made the answer."))
    hidden = models.JSONField(default=dict, db_default={}, blank=True)
    doubts = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        verbose_name = _("Destiny profile")
        verbose_name_plural = _("Destiny profiles")

    def __str__(self) -> str:
        return str(self.membership)


class Guardian(TimestampedModel):
    """A character of Destiny. `stats` are values by the hash of the stat, as text.

    `loadouts` are the game's own, in order: `{"name": hash, "icon": hash, "color": hash, "items": [[instance id, [plug
    hashes]]]}`, or null for an empty slot.
    """

    class ClassType(models.IntegerChoices):
        """The classes, with Bungie's numbers."""

        TITAN = 0, _("Titan")
        HUNTER = 1, _("Hunter")
        WARLOCK = 2, _("Warlock")
        UNKNOWN = 3, _("unknown class")

    membership = models.ForeignKey(DestinyMembership, on_delete=models.CASCADE, related_name="guardians")
    character_id = models.BigIntegerField(_("character id"), unique=True)
    class_type = models.IntegerField(_("class"), default=ClassType.UNKNOWN)
    race_type = models.IntegerField(_("race"), default=0)
    gender_type = models.IntegerField(_("body type"), default=0)
    light = models.PositiveSmallIntegerField(_("power"), default=0)
    stats = models.JSONField(default=dict, db_default={}, blank=True)
    emblem_hash = models.BigIntegerField(default=0)
    emblem_path = models.CharField(max_length=200, blank=True)
    background_path = models.CharField(max_length=200, blank=True)
    title_hash = models.BigIntegerField(null=True, blank=True)
    minutes_played = models.PositiveIntegerField(_("minutes played"), default=0)
    last_played_at = models.DateTimeField(_("last played"), null=True, blank=True)
    activity_hash = models.BigIntegerField(
        default=0, help_text=_("What it is doing: 0 in orbit, and while nobody plays it.")
    )
    activity_started_at = models.DateTimeField(null=True, blank=True)
    loadouts = models.JSONField(default=list, db_default=[], blank=True)
    loadouts_written_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When an action of ours last changed them, until an answer that is late enough confirms it."),
    )

    class Meta:
        verbose_name = _("guardian")
        verbose_name_plural = _("guardians")
        ordering = ("-last_played_at", "character_id")

    def __str__(self) -> str:
        return f"{self.class_name} {self.light}"

    @property
    def class_name(self) -> str:
        """Return the name of the class, also of a number that Bungie has added since."""
        return str(dict(self.ClassType.choices).get(self.class_type, self.ClassType.UNKNOWN.label))
