"""Update states: why the data of guilds and characters is not newer.

Only the layer that fetches data knows. It registers a source in `AppConfig.ready`, so that pages of this layer can show
why.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from characters.models import Character
from guilds.models import Guild


@dataclass(frozen=True, slots=True)
class UpdateState:
    """When data was last checked, and why it is not newer; `failure` is a sentence, empty when nothing failed."""

    checked_at: datetime | None = None
    is_busy: bool = False
    is_in_doubt: bool = False
    failure: str = ""
    next_attempt_at: datetime | None = None


Source = Callable[[type[Guild] | type[Character], Collection[UUID]], Mapping[UUID, UpdateState]]
CheckSource = Callable[[Guild], Mapping[UUID, datetime]]
PlayerSource = Callable[[UUID], UpdateState]
MemberSource = Callable[[UUID, UUID], Mapping[UUID, UpdateState]]
_sources: list[Source] = []
_player_sources: list[PlayerSource] = []
_check_sources: list[CheckSource] = []
_member_sources: list[MemberSource] = []


def register(source: Source, checks: CheckSource, players: PlayerSource, members: MemberSource) -> None:
    """Add a source, which returns the states by id in a constant number of statements.

    `checks` returns for all members of a guild when the profile was last checked, by character, in one statement.
    `players` returns the state of what a player waits for, after signing in or a refresh, in one statement.
    `members` returns those of a guild's roster and a character's profile by their ids, in one statement.
    """
    _sources.append(source)
    _check_sources.append(checks)
    _player_sources.append(players)
    _member_sources.append(members)


def update_states(model: type[Guild] | type[Character], ids: Collection[UUID]) -> dict[UUID, UpdateState]:
    """Return the states of these guilds or characters that are known."""
    return {pk: state for source in _sources for pk, state in source(model, ids).items()}


def member_states(guild: UUID, character: UUID) -> dict[UUID, UpdateState]:
    """Return the states of a guild's roster and of a character, by their ids, as far as they are known."""
    return {pk: state for source in _member_sources for pk, state in source(guild, character).items()}


def player_state(user: UUID) -> UpdateState:
    """Return whether something that the player waits for is being fetched, and when something of it last was."""
    states = [source(user) for source in _player_sources]
    return UpdateState(
        checked_at=max((one.checked_at for one in states if one.checked_at), default=None),
        is_busy=any(one.is_busy for one in states),
    )


def profile_checks(guild: Guild) -> dict[UUID, datetime]:
    """Return when Battle.net last showed the profile of each member, by character; members never shown are missing."""
    return {pk: checked_at for source in _check_sources for pk, checked_at in source(guild).items()}
