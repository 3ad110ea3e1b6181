"""The officers' desk: notes, and what is to be done in the game."""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from characters.models import Character
from guilds.models.names import display_name
from guilds.models.rosters import Guild

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class OfficerNoteQuerySet(models.QuerySet["OfficerNote"]):
    """The reads of notes."""

    def with_people(self) -> "OfficerNoteQuerySet":
        """All that a note's lines show, in one statement."""
        return self.select_related("about_character__membership", "about_person", "author", "edited_by")

    def holding(self, text: str) -> "OfficerNoteQuerySet":
        """Those with `text` in them, or about a character or a person who is called so."""
        called = display_name("about_person")
        about = Q(about_character__name__icontains=text) | Q(person_called__icontains=text)
        return self.alias(person_called=called).filter(Q(text__icontains=text) | about)


class OfficerNote(TimestampedModel):
    """What an officer wrote down about a person or a character, for officers only."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="officer_notes")
    about_character = models.ForeignKey(
        Character, on_delete=models.CASCADE, null=True, blank=True, related_name="officer_notes"
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notes_about"
    )
    text = models.TextField(max_length=4000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes_written"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OfficerNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("officer note")
        verbose_name_plural = _("officer notes")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(about_character__isnull=False) ^ Q(about_person__isnull=False),
                name="officer_note_has_one_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.about_character or self.about_person}"


class PlannedChangeQuerySet(models.QuerySet["PlannedChange"]):
    """The reads of plans."""

    def open(self) -> "PlannedChangeQuerySet":
        """What is still to be done in the game."""
        return self.filter(state="OPEN")

    def settled(self, now: datetime) -> "PlannedChangeQuerySet":
        """What was done, lapsed or was withdrawn; also what nobody has ticked off since its time was up."""
        done = ~Q(state="OPEN") | Q(lapses_at__lte=now)
        return self.filter(done).order_by(models.F("settled_at").desc(nulls_first=True), "pk")

    def chosen(self, ids: Iterable[str]) -> "PlannedChangeQuerySet":
        """Those with these ids, as a form sends them; what is no id is ignored."""
        return self.filter(pk__in=[UUID(one) for one in ids if _UUID.fullmatch(one)])

    def with_people(self) -> "PlannedChangeQuerySet":
        """All that a line of the plan shows, in one statement."""
        return self.select_related("character__realm", "character__membership", "planned_by")


class PlannedChange(TimestampedModel):
    """Something to be done in the game: Battle.net only reads. A later roster shows whether it was."""

    class Kind(models.TextChoices):
        """What is to be done."""

        PROMOTE = "PROMOTE", _("promote")
        DEMOTE = "DEMOTE", _("demote")
        REMOVE = "REMOVE", _("remove")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "OPEN", _("to be done")
        DONE = "DONE", _("done")
        LAPSED = "LAPSED", _("lapsed")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="planned_changes")
    character = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="planned_changes")
    kind = models.CharField(max_length=7, choices=Kind)
    from_rank = models.PositiveSmallIntegerField()
    to_rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty for a removal."))
    reason = models.CharField(max_length=300, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    lapses_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = PlannedChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned change")
        verbose_name_plural = _("planned changes")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("guild", "character"), condition=Q(state="OPEN"), name="planned_change_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind="REMOVE", to_rank=None)
                | Q(kind="PROMOTE", to_rank__lt=models.F("from_rank"))
                | Q(kind="DEMOTE", to_rank__gt=models.F("from_rank")),
                name="planned_change_goes_its_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.character}"

    @property
    def has_lapsed(self) -> bool:
        """Whether nobody did it in time, noticed or not."""
        return self.state == self.State.LAPSED or (self.state == self.State.OPEN and self.lapses_at <= timezone.now())

    @property
    def command(self) -> str:
        """What to type in the game: /gremove Name-Realm. A promotion or demotion goes by one rank a time."""
        command = {"PROMOTE": "/gpromote", "DEMOTE": "/gdemote", "REMOVE": "/gremove"}[self.kind]
        name, realm = self.character.name, self.character.realm
        return f"{command} {name}" if realm.pk == self.guild.realm_id else f"{command} {name}-{realm.name}"
