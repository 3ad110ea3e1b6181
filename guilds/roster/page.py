"""One page of the roster, prepared in one pass: what the template shows, and what an export writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from guilds.access import PublicGuildRequest
from guilds.former_members.flags import flagged_members
from guilds.models import Guild
from guilds.roster.cells import Words, words_for
from guilds.roster.columns import sorted_lines
from guilds.roster.filters import Facet, Found, Needs, facets, find, top_level
from guilds.roster.lines import Line, character_lines, player_lines
from guilds.roster.members import Member, read_members
from guilds.roster.query import PLAYERS, RosterQuery
from guilds.roster.search import finds


@dataclass(frozen=True, slots=True)
class Reader:
    """The rights of a reader on the roster."""

    is_member: bool = False
    can_read_notes: bool = False
    can_write_notes: bool = False
    can_manage: bool = False

    def can(self, needs: Needs) -> bool:
        """Return whether they can use a filter or a column."""
        return {Needs.NOTHING: True, Needs.MEMBERSHIP: self.is_member, Needs.NOTES: self.can_read_notes}[needs]

    @property
    def can_select(self) -> bool:
        return self.can_manage or self.can_write_notes


def reader_of(request: PublicGuildRequest) -> Reader:
    """Return what the user can see and do; notes are shown only to members."""
    user, guild = request.user, request.guild
    if not isinstance(user, User) or not user.has_perm("guilds.view", guild):
        return Reader()
    return Reader(
        is_member=True,
        can_read_notes=user.has_perm("guilds.read_notes", guild),
        can_write_notes=user.has_perm("guilds.write_notes", guild),
        can_manage=user.has_perm("guilds.manage_roster", guild),
    )


class Roster:
    """The members of a guild as a query asks for them."""

    def __init__(self, guild: Guild, data: QueryDict, reader: Reader) -> None:
        self.guild = guild
        self.reader = reader
        self.members: list[Member] = read_members(
            guild, with_notes=reader.can_read_notes, with_leaves=reader.can_manage
        )
        is_by_player = data.get("rows") == PLAYERS and reader.is_member
        self.lines = player_lines(self.members) if is_by_player else character_lines(self.members)
        self.top_level = top_level(self.lines)
        self.facets: list[Facet] = [one for one in facets(self.top_level) if reader.can(one.needs)]
        self.query = RosterQuery.parse(data, self.facets, reader.can)

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """Return the texts of officer notes by the ids of characters and players, if the page needs them."""
        needs_notes = self.query.text or "notes" in self.query.columns
        if not self.reader.can_read_notes or not needs_notes:
            return {}
        texts: dict[str, str] = {}
        rows = self.guild.officer_notes.order_by("-created_at").values_list("about_character", "about_person", "text")
        for character, person, text in rows:
            subject = str(character or person)
            texts[subject] = f"{texts[subject]}\n{text}" if subject in texts else text
        return texts

    @cached_property
    def flags(self) -> Mapping[str, str]:
        """Return the reasons of the flags of those who are in the guild although flagged, by character."""
        reasons = flagged_members(self.guild) if self.reader.can_manage else {}
        return {str(character): reason for character, reason in reasons.items()}

    @cached_property
    def found(self) -> Found:
        """Return the matching lines, in no order, and the counts of the filters' options."""
        tests = self.query.tests(self.facets, timezone.now().timestamp())
        if self.query.text:
            tests["q"] = finds(
                self.query.text,
                self.notes,
                is_folded=self.query.rows == PLAYERS,
                with_players=self.reader.is_member,
            )
        return find(self.lines, self.facets, tests)

    @cached_property
    def sorted(self) -> list[Line]:
        """Return the matching lines in the order that was asked for; name breaks ties."""
        return sorted_lines(self.found.lines, self.query.sort)

    @cached_property
    def words(self) -> Words:
        """Return what the cells of the page share."""
        is_by_player = self.query.rows == PLAYERS
        return words_for(
            self.guild,
            self.lines,
            is_member=self.reader.is_member,
            is_by_player=is_by_player,
            notes=self.notes,
            flags=self.flags,
        )
