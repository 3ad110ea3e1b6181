"""What each rank of a guild may do on the site."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.records import Record
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild


class PermissionSet(Record):
    """A named set of rights that ranks of one guild share."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="permission_sets")
    name = models.CharField(max_length=64)
    can_view = models.BooleanField(_("view"), default=True)
    can_manage_roster = models.BooleanField(_("manage roster"), default=False)
    can_edit_info = models.BooleanField(_("edit info"), default=False)
    can_manage_ranks = models.BooleanField(_("manage ranks"), default=False)
    can_delete = models.BooleanField(_("delete the guild's data"), default=False)
    can_read_notes = models.BooleanField(_("read officer notes"), default=False)
    can_write_notes = models.BooleanField(_("write officer notes"), default=False)
    can_refresh = models.BooleanField(_("refresh"), default=False)

    class Meta:
        verbose_name = _("permission set")
        verbose_name_plural = _("permission sets")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("guild", "name"), name="permission_set_name_once_per_guild"),)

    def __str__(self) -> str:
        return self.name


class Rank(Record):
    """A rank of a guild. Battle.net gives its number only; the guild gives its name."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="ranks")
    rank_level = models.PositiveSmallIntegerField(help_text=_("0 is the guild master."))
    rank_name = models.CharField(max_length=64, blank=True)
    permission_set = models.ForeignKey(PermissionSet, on_delete=models.PROTECT, related_name="ranks")

    class Meta:
        verbose_name = _("rank")
        verbose_name_plural = _("ranks")
        ordering = ("rank_level",)
        constraints = (
            models.UniqueConstraint(fields=("guild", "rank_level"), name="rank_level_once_per_guild"),
            models.CheckConstraint(
                condition=models.Q(rank_level__range=(GUILD_MASTER_RANK, LOWEST_RANK)), name="rank_level_0_to_9"
            ),
        )

    def __str__(self) -> str:
        return self.rank_name or f"{self.rank_level}"
