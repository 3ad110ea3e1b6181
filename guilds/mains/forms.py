"""The form that chooses the user's own main."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guilds.models import Membership

AUTOMATIC = ""


class MainForm(forms.Form):
    """One of the user's characters in a guild, or the automatic choice."""

    main = forms.ChoiceField(label=_("Your main"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, places: Sequence[Membership]) -> None:
        """`places` are all of the user's memberships in the guild, with their characters."""
        self.places = {str(one.pk): one for one in places}
        self.chosen = next((one for one in places if one.is_chosen_main), None)
        super().__init__(data, initial={"main": str(self.chosen.pk) if self.chosen else AUTOMATIC})
        names = [(key, one.character.name) for key, one in self.places.items()]
        self.fields["main"].choices = [(AUTOMATIC, _("Automatic")), *names]  # type: ignore[attr-defined]

    @property
    def has_a_choice(self) -> bool:
        """Return whether there is anything to choose."""
        return len(self.places) > 1 or self.chosen is not None

    def membership(self) -> Membership | None:
        """Return the chosen membership; None for the automatic choice."""
        return self.places.get(self.cleaned_data["main"])
