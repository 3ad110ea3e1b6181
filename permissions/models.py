"""What each rank of a guild may do on the site."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild
from guilds.rights import RIGHTS

# The column that gives each right: can_view and so on.
FLAG_OF = {right: right.replace("guilds.", "can_") for right in RIGHTS}
EVERY_RIGHT = frozenset(RIGHTS)


class Rights(models.Model):
    """The flags that a set of a rank and a personal grant have in common."""

    can_view = models.BooleanField(_("view"), default=True)
    can_manage_roster = models.BooleanField(_("manage roster"), default=False)
    can_edit_info = models.BooleanField(_("edit info"), default=False)
    can_manage_ranks = models.BooleanField(_("manage ranks"), default=False)
    can_delete = models.BooleanField(_("restore deleted data"), default=False)
    can_read_notes = models.BooleanField(_("read officer notes"), default=False)
    can_write_notes = models.BooleanField(_("write officer notes"), default=False)
    can_refresh = models.BooleanField(_("refresh"), default=False)

    class Meta:
        abstract = True

    @property
    def rights(self) -> frozenset[str]:
        """The names that `has_perm` asks for, such as "guilds.view"."""
        return frozenset(perm for perm, flag in FLAG_OF.items() if getattr(self, flag))

    @rights.setter
    def rights(self, rights: frozenset[str]) -> None:
        for perm, flag in FLAG_OF.items():
            setattr(self, flag, perm in rights)


class PermissionSet(Rights, TimestampedModel):
    """A named set of rights that ranks of one guild share."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="permission_sets")
    name = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("permission set")
        verbose_name_plural = _("permission sets")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("guild", "name"), name="permission_set_name_once_per_guild"),)

    def __str__(self) -> str:
        return self.name


class Rank(TimestampedModel):
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


class GrantQuerySet(models.QuerySet["Grant"]):
    """The reads of personal grants."""

    def running(self, now: datetime | None = None) -> "GrantQuerySet":
        """Those that have not expired."""
        return self.filter(expires_at__gt=now or timezone.now())


class Grant(Rights, TimestampedModel):
    """Rights that one member holds for a time, on top of those of the rank; they rest while the person is no member."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    reason = models.CharField(max_length=300)
    expires_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal grant")
        verbose_name_plural = _("personal grants")
        ordering = ("expires_at",)
        indexes = (models.Index(fields=("guild", "user", "expires_at"), name="grant_guild_user"),)

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d}"
