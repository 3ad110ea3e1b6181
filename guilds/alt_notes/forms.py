"""The form of an alt note."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AltNoteForm(forms.Form):
    """The name of the main."""

    main = forms.CharField(
        label=_("Alt of"),
        max_length=130,
        help_text=_("The main's name. Use Name-Realm if two members share a name."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
