"""A guild's roster: its composition, filters and order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Case, Count, F, IntegerField, Value, When
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.vary import vary_on_headers

from characters.models import Role
from guilds.access import PublicGuildRequest, guild_page
from guilds.models import Guild, Membership, MembershipQuerySet
from guilds.paging import page_or_fragment, paging
from guilds.ranks import rank_name, rank_names

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DEFAULT_SORT = "rank"
FILTERS = {"role": "character__role", "class": "character__playable_class", "rank": "rank"}
ROLE_ORDER = Case(
    *(When(character__role=role, then=Value(place)) for place, role in enumerate(Role.values)),
    output_field=IntegerField(),
)
MEMBERS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the members: how many it has, and how many are in the parts before it."""

    key: Any
    label: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The numbers of members of each role, class and rank."""

    total: int
    roles: list[Share]
    classes: list[Share]
    ranks: list[Share]

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        parts = {"role": self.roles, "class": self.classes, "rank": self.ranks}
        return {name: [(str(one.key), f"{one.label} ({one.count})") for one in part] for name, part in parts.items()}


def composition(guild: Guild, ranks: Mapping[int, str]) -> Composition:
    """Return the guild's composition, in one statement."""
    roles: Counter[str] = Counter()
    classes: Counter[tuple[int, str]] = Counter()
    levels: Counter[int] = Counter()
    combinations = guild.memberships.order_by().values_list(
        "character__role", "character__playable_class", "character__playable_class__name", "rank"
    )
    for role, class_id, class_name, rank, count in combinations.annotate(count=Count("pk")):
        roles[role] += count
        levels[rank] += count
        if class_id is not None:
            classes[class_id, class_name or f"#{class_id}"] += count
    return Composition(
        total=roles.total(),
        roles=_shares((role, str(role.label), roles[role]) for role in Role if roles[role]),
        classes=_shares((key, name, count) for (key, name), count in classes.most_common()),
        ranks=_shares((level, rank_name(ranks, level), levels[level]) for level in sorted(levels)),
    )


def _shares(parts: Iterable[tuple[Any, str, int]]) -> list[Share]:
    shares: list[Share] = []
    before = 0
    for key, label, count in parts:
        shares.append(Share(key, label, count, before))
        before += count
    return shares


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
        return [self._heading(column) for column in COLUMNS]

    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in FILTERS]

    def query(self) -> str:
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


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def roster(request: PublicGuildRequest) -> HttpResponse:
    """List the members, fifty a page, filtered and sorted by the query string."""
    guild = request.guild
    ranks = rank_names(guild)
    parts = composition(guild, ranks)
    form = RosterForm(request.GET, **parts.choices())
    members = form.filtered(guild.memberships.with_characters())
    is_member = request.user.has_perm("guilds.view", guild)
    members = members.select_related("character__user", "noted_main__character")
    pages = paging(request, members, MEMBERS_PER_PAGE, form.query())
    context = {
        **pages,
        "guild": guild,
        "ranks": ranks,
        "form": form,
        "total": parts.total,
        "is_member": is_member,
        "mains": _mains(guild, pages["page"]) if is_member else {},
    }
    return page_or_fragment(request, "guilds/roster.html", "members", context, form.query())


def _mains(guild: Guild, members: Iterable[Membership]) -> dict[UUID, str]:
    """Return the name of each player's main, for the players of these members."""
    owners = {member.character.user_id for member in members if member.character.user_id}
    return dict(guild.memberships.filter(main_of__in=owners).values_list("main_of", "character__name"))
