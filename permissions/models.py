"""Ranks, their permission sets, and personal grants."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.templatetags.freshness import exact_time
from accounts.timestamped import TimestampedModel
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild
from permissions.rights import EVERY_RIGHT, Rights


class RightsField(ArrayField):  # type: ignore[type-arg]  # takes no argument at run time
    """An array of names of rights, read as a set. Names that the code doesn't know are ignored.

    A new right therefore needs no migration, and one that was removed gives nothing.
    """

    _pyi_private_set_type: Iterable[str]  # type: ignore[assignment]
    _pyi_private_get_type: Rights  # type: ignore[assignment]

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"base_field": models.CharField(max_length=64), "default": frozenset, "blank": True, **options}
        )

    def from_db_value(self, value: list[str] | None, expression: object, connection: object) -> Rights | None:
        return None if value is None else EVERY_RIGHT.intersection(value)

    def to_python(self, value: Any) -> Rights:
        return EVERY_RIGHT.intersection(super().to_python(value))

    def value_from_object(self, obj: models.Model) -> list[str]:
        # A list, since forms don't recognize a set as several choices.
        return sorted(super().value_from_object(obj))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        names = sorted(set(value)) if isinstance(value, Iterable) else value
        return super().get_db_prep_value(names, connection, prepared)


class PermissionSet(TimestampedModel):
    """A named set of rights that ranks of one guild share."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="permission_sets")
    name = models.CharField(max_length=64)
    rights = RightsField(verbose_name=_("permissions"))

    class Meta:
        verbose_name = _("permission set")
        verbose_name_plural = _("permission sets")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("guild", "name"), name="permission_set_name_once_per_guild"),)

    def __str__(self) -> str:
        return self.name


class Rank(TimestampedModel):
    """A rank of a guild. Battle.net has only its number; the guild gives it a name."""

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
    """Queries for personal grants."""

    def running(self, now: datetime | None = None) -> "GrantQuerySet":
        return self.filter(expires_at__gt=now or timezone.now())


class Grant(TimestampedModel):
    """Rights that one member has for a time, in addition to those of the rank; suspended while they are no member."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    rights = RightsField(verbose_name=_("permissions"))
    reason = models.CharField(max_length=300)
    expires_at = models.DateTimeField()
    granted_by = optional_person()

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("personal grant")
        verbose_name_plural = _("personal grants")
        ordering = ("expires_at",)
        indexes = (models.Index(fields=("guild", "user", "expires_at"), name="grant_guild_user"),)

    def __str__(self) -> str:
        return _("%(name)s until %(time)s") % {"name": self.user, "time": exact_time(self.expires_at)}
