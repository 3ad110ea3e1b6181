"""What officers can type about a member: a note, whose alt it is, and what is to be done in the game."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guilds.edit_conflict import VersionField
from guilds.models import GUILD_MASTER_RANK, LOWEST_RANK, Guild, Membership, PlannedChange
from guilds.settings.forms import Prose
from guilds.templatetags.heraldry import rank_name

LONGEST_NOTE = 4000
MOST_AT_ONCE = 1000
Kind = PlannedChange.Kind


class NoteForm(forms.Form):
    """A note, and whether it is about the person or about this character only."""

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
        """Whether the note is about the person behind the character."""
        return self.cleaned_data.get("about") == "person"


class EditNoteForm(forms.Form):
    """Another text for a note."""

    text = Prose(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": 6}))
    version = VersionField()


class NotedMainForm(forms.Form):
    """The name of the main."""

    main = forms.CharField(
        label=_("Alt of"),
        max_length=130,
        help_text=_("The main's name; with the realm, Name-Realm, where two are called so."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class PlanForm(forms.Form):
    """The same change for one or many members."""

    kind = forms.ChoiceField(label=_("What"), choices=Kind.choices, widget=forms.RadioSelect)
    to_rank = forms.TypedChoiceField(
        label=_("To rank"), coerce=int, empty_value=None, required=False, help_text=_("For a removal: none.")
    )
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, ranks: Mapping[int, str], **options: Any) -> None:
        super().__init__(data, **options)
        levels = range(GUILD_MASTER_RANK + 1, LOWEST_RANK + 1)
        choices = [("", "–"), *((str(level), rank_name(dict(ranks), level)) for level in levels)]
        self.fields["to_rank"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Whoever is promoted or demoted gets a rank."""
        given = self.cleaned_data
        if given.get("kind") in (Kind.PROMOTE, Kind.DEMOTE) and given.get("to_rank") is None:
            self.add_error("to_rank", _now("To which rank?"))
        return given

    def terms(self) -> dict[str, Any]:
        """What is planned, as the service takes it."""
        return {name: self.cleaned_data[name] for name in ("kind", "to_rank", "reason")}


class PlanManyForm(PlanForm):
    """With the names of the members."""

    names = Prose(
        label=_("Who"),
        max_length=64 * MOST_AT_ONCE,
        help_text=_("Names, one a line or with commas between them; Name-Realm where two are called so."),
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )
    field_order = ("names", "kind", "to_rank", "reason")

    def __init__(self, data: Mapping[str, Any] | None = None, *, guild: Guild, **options: Any) -> None:
        super().__init__(data, **options)
        self.guild = guild

    def clean_names(self) -> list[Membership]:
        """The members of these names, found in one statement. An unknown or ambiguous name is an error."""
        typed = [name.strip() for name in re.split(r"[,;\n]", self.cleaned_data["names"]) if name.strip()]
        by_name = self._members()
        unknown = [name for name in typed if len(by_name.get(name.casefold(), ())) != 1]
        if unknown or not typed:
            names = ", ".join(unknown[:10])
            raise forms.ValidationError(_now("Not the name of one member: %(names)s.") % {"names": names or "–"})
        return list({member.pk: member for name in typed for member in by_name[name.casefold()]}.values())

    def _members(self) -> dict[str, list[Membership]]:
        by_name: dict[str, list[Membership]] = {}
        for member in self.guild.memberships.select_related("character__realm"):
            for name in _names_of(member):
                by_name.setdefault(name, []).append(member)
        return by_name


def _names_of(member: Membership) -> Iterable[str]:
    name, realm = member.character.name, member.character.realm
    return {one.casefold() for one in (name, f"{name}-{realm.name}", f"{name}-{realm.slug}")}
