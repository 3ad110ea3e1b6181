"""Notes that officers write about characters and players."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character
from guilds.display_names import display_name
from guilds.models.guild import Guild


class OfficerNoteQuerySet(models.QuerySet["OfficerNote"]):
    """Reads of notes."""

    def with_people(self) -> "OfficerNoteQuerySet":
        return self.select_related("about_character__membership", "about_person", "author", "edited_by")

    def search(self, text: str) -> "OfficerNoteQuerySet":
        called = display_name("about_person")
        about = Q(about_character__name__icontains=text) | Q(person_called__icontains=text)
        return self.alias(person_called=called).filter(Q(text__icontains=text) | about)


class OfficerNote(TimestampedModel):
    """An officer's note about a player or a character, visible to officers only."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="officer_notes")
    about_character = models.ForeignKey(
        Character, on_delete=models.CASCADE, null=True, blank=True, related_name="officer_notes"
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notes_about"
    )
    text = models.TextField(max_length=4000)
    author = optional_person(related_name="notes_written")
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = optional_person()

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
