"""First steps of a new guild: name the ranks and choose which are officers, on one page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guilds.access import FORM_METHODS, GuildRequest, guild_page
from guilds.models import GUILD_MASTER_RANK, Guild
from permissions.effective_rights import authority_or_403
from permissions.forms import ConflictAwareForm, Select, rank_name_field
from permissions.members import MemberCount, member_counts, ranks_of
from permissions.models import Rank
from permissions.prepared_sets import OFFICER, PREPARED_SETS, PreparedSet
from permissions.resolver import Authority
from permissions.rights import MANAGE_RANKS
from permissions.services import ranks_version, set_up_ranks
from permissions.views import CONFLICT, preview_or_save

KEEP = ""
# Below the guild master: in most guilds they are officers.
SUGGESTED_OFFICERS = 1
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class FirstStepsLine:
    """A rank with its fields, how many members it has, and the names of some, by which officers recognize it."""

    level: int
    members: int
    examples: str
    name: BoundField | None
    role: BoundField | None


class FirstStepsForm(ConflictAwareForm):
    """The name of each rank, and one of the prepared permission sets for each below the guild master."""

    def __init__(self, data: MultiValueDict[str, str] | None, *, ranks: Sequence[Rank], version: str = "") -> None:
        super().__init__(data, initial={"version": version})
        is_new = not is_set_up(ranks)
        for rank in ranks:
            level = rank.rank_level
            self.fields[f"name-{level}"] = rank_name_field(rank)
            if level != GUILD_MASTER_RANK:
                self.fields[f"role-{level}"] = _role_field(rank, is_new=is_new)

    def disable_beyond(self, authority: Authority) -> None:
        """Show the roles disabled that the user can't give."""
        disabled = frozenset(key for key, one in PREPARED_SETS.items() if not authority.includes(one.rights))
        for name, field in self.fields.items():
            if name.startswith("role-"):
                field.widget.disabled = disabled

    def names(self) -> dict[int, str]:
        """Return the names of the ranks that were sent, by level."""
        return self._sent_values("name-")

    def roles(self) -> dict[int, PreparedSet]:
        """Return the chosen roles by level."""
        return {level: PREPARED_SETS[key] for level, key in self._sent_values("role-").items() if key != KEEP}

    def _sent_values(self, prefix: str) -> dict[int, str]:
        names = [name for name in self.cleaned_data if name.startswith(prefix) and name in self.data]
        return {int(name.removeprefix(prefix)): self.cleaned_data[name] for name in names}


def is_set_up(ranks: Iterable[Rank]) -> bool:
    """Return whether somebody has named a rank."""
    return any(rank.rank_name for rank in ranks)


@guild_page(MANAGE_RANKS, methods=FORM_METHODS)
def first_steps(request: GuildRequest) -> HttpResponse:
    """Name the ranks and choose which are officers; the preview shows who gets what before anything is saved."""
    guild = request.guild
    if request.method != "POST":
        return _show(request, _form(guild, None))
    form = _form(guild, request.POST)

    def write() -> None:
        set_up_ranks(
            guild=guild,
            actor=request.user,
            names=form.names(),
            roles=form.roles(),
            version=form.cleaned_data["version"],
        )

    def show_conflict() -> HttpResponse:
        return _show(request, _form(guild, form.rebased(_form(guild, None))), status=CONFLICT)

    return preview_or_save(request, form, write=write, show=lambda: _show(request, form), show_conflict=show_conflict)


def _form(guild: Guild, data: MultiValueDict[str, str] | None) -> FirstStepsForm:
    # Read first, so that a change made while the rest is read is noticed.
    version = ranks_version(guild)
    return FirstStepsForm(data, ranks=ranks_of(guild), version=version)


def _show(request: GuildRequest, form: FirstStepsForm, *, status: int = 200) -> HttpResponse:
    guild = request.guild
    authority = authority_or_403(request.user, guild)
    form.disable_beyond(authority)
    context = {
        "guild": guild,
        "form": form,
        "lines": _lines(guild, form, authority),
        "prepared_sets": PREPARED_SETS.values(),
        "is_conflict": status == CONFLICT,
    }
    return render(request, "permissions/first_steps.html", context, status=status)


def _lines(guild: Guild, form: FirstStepsForm, authority: Authority) -> list[FirstStepsLine]:
    counts, examples = member_counts(guild), _examples(guild)
    return [
        FirstStepsLine(
            level=rank.rank_level,
            members=counts.get(rank.rank_level, MemberCount()).members,
            examples=", ".join(examples.get(rank.rank_level, [])),
            name=form[f"name-{rank.rank_level}"] if authority.can_rename_rank(rank.rank_level) else None,
            role=form[f"role-{rank.rank_level}"]
            if authority.can_switch_set(rank.rank_level, rank.permission_set.rights)
            else None,
        )
        for rank in ranks_of(guild)
    ]


def _examples(guild: Guild) -> dict[int, list[str]]:
    """Return the names of the members of each rank who were seen last, by level."""
    found: dict[int, list[str]] = {}
    members = guild.memberships.order_by("rank", "-character__last_login_at", "character__name")
    for level, name in members.values_list("rank", "character__name"):
        if len(names := found.setdefault(level, [])) < EXAMPLES:
            names.append(name)
    return found


def _role_field(rank: Rank, *, is_new: bool) -> forms.ChoiceField:
    rights = rank.permission_set.rights
    current = next((key for key, one in PREPARED_SETS.items() if one.rights == rights), KEEP)
    choices = [(key, str(one.name)) for key, one in PREPARED_SETS.items()]
    if current == KEEP:
        choices.insert(0, (KEEP, gettext("Keep: %(name)s") % {"name": rank.permission_set.name}))
    is_suggested = is_new and GUILD_MASTER_RANK < rank.rank_level <= SUGGESTED_OFFICERS
    return forms.ChoiceField(
        label=_("Role of rank %(level)d") % {"level": rank.rank_level},
        choices=choices,
        widget=Select,
        required=False,
        initial=OFFICER.key if is_suggested else current,
        show_hidden_initial=True,
    )
