"""Visits of a guild's overview."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from guilds.models.guild import Guild


class GuildVisit(TimestampedModel):
    """When a member last opened a guild's overview, and the time before."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="visits")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guild_visits")
    began_at = models.DateTimeField(help_text=_("When the current or latest visit began."))
    previous_at = models.DateTimeField(null=True, blank=True, help_text=_("When the visit before began."))

    class Meta:
        verbose_name = _("guild visit")
        verbose_name_plural = _("guild visits")
        ordering = ("-began_at",)
        constraints = (models.UniqueConstraint(fields=("guild", "person"), name="guild_visit_once_per_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.guild_id}"
