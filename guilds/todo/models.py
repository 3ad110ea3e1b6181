"""To-do items: what officers have to do in the game."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character
from guilds.game_names import game_name
from guilds.models.guild import Guild

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class TodoItemQuerySet(models.QuerySet["TodoItem"]):
    """Reads of to-do items."""

    def open(self) -> "TodoItemQuerySet":
        return self.filter(state="OPEN")

    def closed(self, now: datetime) -> "TodoItemQuerySet":
        """Return items that are done, expired or removed, even if no sync has closed them since they expired."""
        done = ~Q(state="OPEN") | Q(expires_at__lte=now)
        return self.filter(done).order_by(models.F("closed_at").desc(nulls_first=True), "pk")

    def selected(self, ids: Iterable[str]) -> "TodoItemQuerySet":
        """Return items with these ids from a form; invalid ids are ignored."""
        return self.filter(pk__in=[UUID(one) for one in ids if _UUID.fullmatch(one)])

    def with_people(self) -> "TodoItemQuerySet":
        return self.select_related("character__realm", "character__membership", "added_by")


class TodoItem(TimestampedModel):
    """A promotion, demotion or removal to do in the game. A later roster shows whether it was done."""

    class Kind(models.TextChoices):
        PROMOTE = "PROMOTE", _("promote")
        DEMOTE = "DEMOTE", _("demote")
        REMOVE = "REMOVE", _("remove")

    class State(models.TextChoices):
        OPEN = "OPEN", _("to do")
        DONE = "DONE", _("done")
        EXPIRED = "EXPIRED", _("expired")
        REMOVED = "REMOVED", _("removed")

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="todo_items")
    character = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="todo_items")
    kind = models.CharField(max_length=7, choices=Kind)
    from_rank = models.PositiveSmallIntegerField()
    to_rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty for a removal."))
    reason = models.CharField(max_length=300, blank=True)
    added_by = optional_person()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = TodoItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("to-do item")
        verbose_name_plural = _("to-do items")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("guild", "character"), condition=Q(state="OPEN"), name="todo_item_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind="REMOVE", to_rank=None)
                | Q(kind="PROMOTE", to_rank__lt=models.F("from_rank"))
                | Q(kind="DEMOTE", to_rank__gt=models.F("from_rank")),
                name="todo_item_rank_matches_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.character}"

    @property
    def shown_state(self) -> State:
        """The state, expired also if no sync has closed it since."""
        has_expired = self.state == self.State.OPEN and self.expires_at <= timezone.now()
        return self.State.EXPIRED if has_expired else self.State(self.state)

    @property
    def command(self) -> str:
        """The chat command that does it: /gremove Name-Realm. Promotions and demotions move by one rank at a time."""
        command = {"PROMOTE": "/gpromote", "DEMOTE": "/gdemote", "REMOVE": "/gremove"}[self.kind]
        name, realm = self.character.name, self.character.realm
        return f"{command} {game_name(name, realm.name, is_home=realm.pk == self.guild.realm_id)}"
