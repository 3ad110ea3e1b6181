"""The forms of officer notes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guilds.edit_conflict import VersionField
from guilds.models import Membership
from guilds.prose import Prose

LONGEST_NOTE = 4000


class NoteForm(forms.Form):
    """A new note, about the player or about this character only."""

    about = forms.ChoiceField(label=_("About"), widget=forms.RadioSelect, required=False)
    text = Prose(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 4}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Membership) -> None:
        super().__init__(data, initial={"about": "person"})
        person = member.character.user
        if person is None:
            del self.fields["about"]
            return
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            ("person", _now("%(name)s, with all characters") % {"name": person.display_name}),
            ("character", _now("%(name)s only") % {"name": member.character.name}),
        ]

    @property
    def about_person(self) -> bool:
        """Return whether the note is about the player."""
        return self.cleaned_data.get("about") == "person"


class EditNoteForm(forms.Form):
    """A new text for a note."""

    text = Prose(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 6}))
    version = VersionField()
