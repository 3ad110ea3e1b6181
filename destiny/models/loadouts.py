"""Loadouts that players build here, and the links by which they share them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from destiny.models.accounts import DestinyMembership
from destiny.models.guardians import Guardian

LONGEST_NAME, LONGEST_NOTES = 60, 2_000


class Loadout(TimestampedModel):
    """A loadout of ours; the game's own are `Guardian.loadouts`. `destiny.loadouts.build` reads and writes the columns.

    `items`: `[{"hash", "instance", "plugs": {socket: hash}, "worn", "amount", "crafted_at"}]`, without what is usual.
    `mods`: hashes of mods that belong to no item. `dim`: what DIM's format has besides, kept for the export.
    """

    membership = models.ForeignKey(DestinyMembership, on_delete=models.CASCADE, related_name="loadouts")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    notes = models.TextField(_("notes"), max_length=LONGEST_NOTES, blank=True)
    class_type = models.IntegerField(_("class"), default=Guardian.ClassType.UNKNOWN)
    items = models.JSONField(default=list, db_default=[], blank=True)
    mods = models.JSONField(default=list, db_default=[], blank=True)
    dim = models.JSONField(default=dict, db_default={}, blank=True)
    revision = models.PositiveIntegerField(
        default=1, db_default=1, help_text=_("How often it was saved: forms say on which one they are based.")
    )

    class Meta:
        verbose_name = _("loadout")
        verbose_name_plural = _("loadouts")
        ordering = ("name", "created_at")

    def __str__(self) -> str:
        return self.name


class LoadoutShare(TimestampedModel):
    """A link at which everybody can read a loadout as it is then. Only a hash of its token is stored."""

    loadout = models.OneToOneField(Loadout, on_delete=models.CASCADE, related_name="share")
    token_hash = models.CharField(max_length=64, unique=True)
    shows_name = models.BooleanField(
        _("show the Bungie name"), default=False, help_text=_("Whether the page says whose loadout it is.")
    )

    class Meta:
        verbose_name = _("link to a loadout")
        verbose_name_plural = _("links to loadouts")

    def __str__(self) -> str:
        return str(self.loadout)
