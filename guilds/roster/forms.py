"""The filters and the order of a roster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Case, F, IntegerField, Value, When
from django.utils.translation import gettext_lazy as _

from characters.models import Role
from guilds.models import MembershipQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DEFAULT_SORT = "rank"
FILTERS = {"role": "character__role", "class": "character__playable_class", "rank": "rank"}
ROLE_ORDER = Case(
    *(When(character__role=role, then=Value(place)) for place, role in enumerate(Role.values)),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the roster can be sorted by."""

    key: str
    label: "str | StrPromise"
    value: F | Case
    css: str = ""
    descends_first: bool = False


COLUMNS = (
    Column("name", _("Name"), F("character__name")),
    Column("rank", _("Rank"), F("rank")),
    Column("level", _("Level"), F("character__level"), "number", descends_first=True),
    Column("class", _("Class"), F("character__playable_class__name")),
    Column("role", _("Role"), ROLE_ORDER),
    Column("item-level", _("Item level"), F("character__equipped_item_level"), "number", descends_first=True),
    Column("last-login", _("Last login"), F("character__last_login_at"), "number", descends_first=True),
)
COLUMN_OF = {column.key: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column: the order that a click asks for, and the current direction, if any."""

    column: Column
    sort: str
    direction: str


class RosterForm(forms.Form):
    """Filters and order from the query string. Invalid values are ignored."""

    q = forms.CharField(label=_("Name"), required=False)

    def __init__(self, data: Mapping[str, Any], **choices: Iterable[tuple[str, str]]) -> None:
        """`choices` are the values and labels of the filters role, class and rank."""
        super().__init__(data)
        for name, label_of_all in (("role", _("All roles")), ("class", _("All classes")), ("rank", _("All ranks"))):
            label = COLUMN_OF[name].label
            self.fields[name] = forms.ChoiceField(
                label=label, required=False, choices=[("", label_of_all), *choices[name]]
            )
        self.fields["sort"] = forms.ChoiceField(
            required=False, choices=[(f"{sign}{key}", key) for key in COLUMN_OF for sign in ("", "-")]
        )
        self.full_clean()

    @property
    def order(self) -> str:
        """A column's key, with a minus in front for descending order."""
        return self.cleaned_data.get("sort") or DEFAULT_SORT

    @property
    def is_filtered(self) -> bool:
        """Return whether any filter is set."""
        return any(self.cleaned_data.get(name) for name in ("q", *FILTERS))

    def filtered(self, members: MembershipQuerySet) -> MembershipQuerySet:
        """Return the matching members in the chosen order; name and id break ties."""
        if text := self.cleaned_data.get("q"):
            members = members.named(text)
        wanted = {path: value for name, path in FILTERS.items() if (value := self.cleaned_data.get(name))}
        value = COLUMN_OF[self.order.removeprefix("-")].value
        first = value.desc(nulls_last=True) if self.order.startswith("-") else value.asc(nulls_last=True)
        return members.filter(**wanted).order_by(first, "character__name", "pk")

    def headings(self) -> list[Heading]:
        """Return the headings of all columns."""
        return [self._heading(column) for column in COLUMNS]

    def selects(self) -> list[forms.BoundField]:
        """Return the fields of the filters with choices."""
        return [self[name] for name in FILTERS]

    def query(self) -> str:
        """Return the valid values as a query string, without empty and default ones."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if self.order == DEFAULT_SORT:
            given.pop("sort", None)
        return urlencode(given)

    def _heading(self, column: Column) -> Heading:
        up, down = column.key, f"-{column.key}"
        if self.order == up:
            return Heading(column, down, "ascending")
        if self.order == down:
            return Heading(column, up, "descending")
        return Heading(column, down if column.descends_first else up, "")
