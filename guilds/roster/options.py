"""The options of the roster's filters that a guild has, with their labels."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from characters.models import Faction, Role
from guilds.roster.cells import Words, class_words
from guilds.roster.filters import MAX_LEVEL
from guilds.roster.lines import Line, Link
from guilds.roster.members import Member

Options = Mapping[Hashable, str]


@dataclass(frozen=True, slots=True)
class OptionSource:
    """The source of the options: the guild's lines, the words of the page and the maximum level."""

    lines: list[Line]
    words: Words
    top_level: int | None

    def values(self, value: Callable[[Member], Hashable]) -> set[Hashable]:
        return {value(line.member) for line in self.lines}


def options_of(key: str, source: OptionSource) -> Options:
    """Return the options of a filter in the order in which they are shown."""
    return OPTIONS[key](source)


def _ranks(source: OptionSource) -> Options:
    return {level: source.words.ranks[level] for level in sorted(source.words.ranks)}


def _roles(source: OptionSource) -> Options:
    present = source.values(lambda member: member.role)
    return {role: source.words.roles[role] for role in Role.values if role in present}


def _classes(source: OptionSource) -> Options:
    return _by_label({m.class_id: m.class_name or f"#{m.class_id}" for m in _members(source) if m.class_id})


def _specs(source: OptionSource) -> Options:
    members = {member.spec_id: member for member in _members(source) if member.spec_id and member.spec}
    by_class = sorted(members.values(), key=lambda member: (member.class_name or "", member.spec or ""))
    return {member.spec_id: class_words(member) for member in by_class}


def _levels(source: OptionSource) -> Options:
    if source.top_level is None:
        return {}
    return {MAX_LEVEL: _("Maximum level (%(level)d)") % {"level": source.top_level}}


def _links(source: OptionSource) -> Options:
    return {Link.MAIN: _("Main"), Link.ALT: _("Alt"), Link.UNLINKED: _("Not linked")}


def _yes_or_no(source: OptionSource) -> Options:
    return {"yes": _("Yes"), "no": _("No")}


def _realms(source: OptionSource) -> Options:
    return _by_label({member.realm_id: member.realm or f"#{member.realm_id}" for member in _members(source)})


def _factions(source: OptionSource) -> Options:
    present = source.values(lambda member: member.faction)
    return {faction: source.words.factions[faction] for faction in Faction.values if faction in present}


def _members(source: OptionSource) -> Iterable[Member]:
    return (line.member for line in source.lines)


def _by_label(labels: Mapping[Hashable, str]) -> Options:
    return dict(sorted(labels.items(), key=lambda pair: pair[1].casefold()))


OPTIONS: Mapping[str, Callable[[OptionSource], Options]] = {
    "rank": _ranks,
    "role": _roles,
    "class": _classes,
    "spec": _specs,
    "level": _levels,
    "link": _links,
    "signed-in": _yes_or_no,
    "note": _yes_or_no,
    "realm": _realms,
    "faction": _factions,
}
