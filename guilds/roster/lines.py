"""Lines of the roster: one for each character, or one for each player with the alts folded in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from guilds.roster.members import Member


class Link(StrEnum):
    """A character's place among those of its player, as the player or officers said."""

    MAIN = "main"
    ALT = "alt"
    UNLINKED = "unlinked"


@dataclass(slots=True)
class Line:
    """A line: a character, or a player's main with the best and latest of all their characters."""

    member: Member
    link: Link
    # The player's main if it is another character, and the alts of a main.
    main: Member | None
    alts: list[Member]
    item_level: int | None
    last_login: int | None
    joined: int | None
    has_note: bool
    # The last day of a leave of the player, on whichever character it was noted.
    leave_until: date | None


def character_lines(members: Iterable[Member]) -> list[Line]:
    """Return a line for each character."""
    groups = _groups(members)
    return [_line(member, main, group) for main, group in groups for member in group]


def player_lines(members: Iterable[Member]) -> list[Line]:
    """Return a line for each player; a character without a player and without an alt note has its own line."""
    return [_folded(main, group) for main, group in _groups(members)]


def _groups(members: Iterable[Member]) -> list[tuple[Member, list[Member]]]:
    """Return each player's main and characters: those of one owner, with those that officers noted as their alts."""
    members = list(members)
    by_character = {member.character: member for member in members}
    groups: dict[str, list[Member]] = {}
    for member in members:
        groups.setdefault(_player_of(member, by_character), []).append(member)
    return [(_main_of(group), group) for group in groups.values()]


def _player_of(member: Member, by_character: Mapping[str, Member]) -> str:
    """Return what the characters of a player share: the owner's id, or the id of the character noted as main."""
    if member.owner is not None:
        return member.owner
    noted = by_character.get(member.noted_main) if member.noted_main else None
    return member.character if noted is None else noted.owner or noted.character


def _main_of(group: list[Member]) -> Member:
    """Return the main; without one the character that others are noted as alts of, then the best rank."""
    return group[0] if len(group) == 1 else min(group, key=_distance_from_main)


def _distance_from_main(member: Member) -> tuple[bool, bool, bool, int, int, str]:
    return (
        not (member.is_main and member.owner is not None),
        member.owner is None,
        member.noted_main is not None,
        member.rank,
        -(member.level or 0),
        member.name,
    )


def _line(member: Member, main: Member, group: list[Member]) -> Line:
    is_main = member is main
    alts = [one for one in group if one is not main] if is_main and len(group) > 1 else []
    return Line(
        member,
        _link(member, is_main=is_main, has_alts=bool(alts)),
        None if is_main else main,
        alts,
        member.item_level,
        member.last_login,
        member.joined,
        member.has_note,
        max((one.leave_until for one in group if one.leave_until is not None), default=None),
    )


def _link(member: Member, *, is_main: bool, has_alts: bool) -> Link:
    if is_main:
        return Link.MAIN if member.owner is not None or has_alts else Link.UNLINKED
    return Link.ALT


def _folded(main: Member, group: list[Member]) -> Line:
    line = _line(main, main, group)
    if line.alts:
        line.item_level = max((one.item_level for one in group if one.item_level is not None), default=None)
        line.last_login = max((one.last_login for one in group if one.last_login is not None), default=None)
        line.joined = min((one.joined for one in group if one.joined is not None), default=None)
        line.has_note = any(one.has_note for one in group)
    return line
