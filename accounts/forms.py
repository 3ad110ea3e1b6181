"""The form to delete an account."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DeletionForm(forms.Form):
    """Asks for the BattleTag, so that no single click deletes an account."""

    battletag = forms.CharField(
        label=_("Your BattleTag"),
        max_length=64,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter your BattleTag, with the number.")},
    )

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person

    def clean_battletag(self) -> str:
        typed: str = self.cleaned_data["battletag"]
        if _folded(typed) != _folded(self.person.battletag):
            raise forms.ValidationError(_("This is not your BattleTag. Enter it with the number."))
        return typed


def _folded(battletag: str) -> str:
    return unicodedata.normalize("NFKC", battletag).casefold()
