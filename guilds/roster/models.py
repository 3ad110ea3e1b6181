"""Saved views of the roster."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from guilds.models.guild import Guild


class RosterViewQuerySet(models.QuerySet["RosterView"]):
    """Reads of saved views."""

    def shown_to(self, person: models.Model) -> "RosterViewQuerySet":
        """Return the person's own views and those that officers share with the guild."""
        return self.filter(models.Q(person=person) | models.Q(is_shared=True)).select_related("person")


class RosterView(TimestampedModel):
    """A view of the roster with a name: rows, filters, columns and order, as its address has them."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="roster_views")
    person = optional_person(help_text=_("Who saved it; empty for a shared view of a deleted account."))
    name = models.CharField(max_length=64)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField(default=False, db_default=False)

    objects = RosterViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("guild", "person", "name"), name="roster_view_name_once_per_person"),
        )

    def __str__(self) -> str:
        return self.name
