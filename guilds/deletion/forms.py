"""The form that confirms the deletion of a guild's data."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guilds.models import Guild


class DeletionForm(forms.Form):
    """The guild's name, typed as a confirmation."""

    name = forms.CharField(
        label=_("The guild's name"),
        max_length=64,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild) -> None:
        super().__init__(data)
        self.guild = guild

    def clean_name(self) -> str:
        """Compare the letters, however the keyboard composed their accents."""
        name: str = self.cleaned_data["name"]
        if unicodedata.normalize("NFC", name) != unicodedata.normalize("NFC", self.guild.name):
            raise forms.ValidationError(_("This is not the guild's name."))
        return name
