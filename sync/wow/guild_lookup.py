"""Fetch a guild from its known address, or find where it is now. Nothing here writes.

Neither an id proves that two guilds are the same (an id is only unique on its realm), nor a name, nor a single 404. Two
of three have to agree: the id, most of the members, and that the old address does not know the guild any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.db.models import F, Q

from characters.models import Character, ProfileState
from guilds.models import Guild
from sync.blizzard.client import BlizzardClient
from sync.blizzard.payloads import CharacterSummary, GuildProfile, GuildRef, GuildRoster, RealmRef
from sync.engine.errors import Forbidden, NotFound
from sync.engine.http import Answer
from sync.wow.provider import subject_of

# How many members' own pages are requested at most, and how many informative ones are enough.
MOST_PAGES = 10
ENOUGH_PAGES = 3


def guild_slug(name: str) -> str:
    """Return the name as Battle.net's addresses have it: lower case, hyphens for spaces, nothing else."""
    return name.replace(" ", "-").lower()


@dataclass(frozen=True, slots=True)
class FetchedGuild:
    """A guild's page and roster, and the address they came from."""

    realm: RealmRef
    slug: str
    profile: GuildProfile
    roster: GuildRoster
    modified: datetime | None


class SearchOutcome(Enum):
    """The result of searching the members' profiles for a guild that is not at its URL."""

    EXISTS = auto()
    GONE = auto()
    UNKNOWN = auto()


def fetch_at_known_address(client: BlizzardClient, guild: Guild) -> FetchedGuild | None:
    """Fetch the guild from the address that we know; None when its roster has not changed.

    Raises NotFound also when another guild has taken the address.
    """
    answer = client.guild_roster(guild.region, guild.realm.slug, guild.slug, since=guild.last_modified)
    if answer.payload is None:
        return None
    if _is_another(guild, answer.payload):
        raise NotFound(f"/data/wow/guild/{guild.realm.slug}/{guild.slug}", detail="another guild has the name now")
    realm = RealmRef(id=guild.realm_id, slug=guild.realm.slug, name=guild.realm.name)
    profile = client.guild(guild.region, guild.realm.slug, guild.slug)
    return FetchedGuild(realm, guild.slug, profile, answer.payload, answer.last_modified)


def search(client: BlizzardClient, guild: Guild) -> FetchedGuild | SearchOutcome:
    """Fetch the guild from where its members' own pages say that they are now, or return what else they say."""
    answers = list(_member_pages(client, guild))
    named = [one.payload.guild for one in answers if one.payload is not None and one.payload.guild is not None]
    # The same id first, as the better evidence.
    elsewhere = {_address_of(ref): ref for ref in sorted(named, key=lambda ref: ref.id != guild.blizzard_id)}
    elsewhere.pop((guild.realm_id, guild.slug), None)
    for ref in elsewhere.values():
        if (fetched := _fetch_if_same(client, guild, ref)) is not None:
            return fetched
    return _outcome(guild, answers)


def earlier_rows(client: BlizzardClient, guild: Guild, fetched: FetchedGuild) -> list[Guild]:
    """Return our rows of the same guild at earlier addresses, for a guild whose first roster this is."""
    if guild.last_synced_at is not None:
        return []
    alike = Q(blizzard_id=fetched.roster.guild.id) | Q(slug=guild.slug)
    others = Guild.objects.filter(alike, region=guild.region).exclude(pk=guild.pk).select_related("realm")
    return [other for other in others.order_by("pk") if _is_earlier_row(client, other, fetched)]


def _address_of(ref: GuildRef) -> tuple[int, str]:
    return ref.realm.id, guild_slug(ref.name)


def _is_another(guild: Guild, roster: GuildRoster) -> bool:
    """Return whether another guild, with another id and other members, has replaced one that we know well."""
    if guild.last_synced_at is None or roster.guild.id == guild.blizzard_id:
        return False
    return not _has_most_of_its_members(guild, roster)


def _has_most_of_its_members(guild: Guild, roster: GuildRoster) -> bool:
    listed = {(one.realm.id, one.id) for one in roster.members}
    ours = list(guild.memberships.values_list("character__realm_id", "character__blizzard_id"))
    return bool(ours) and 2 * sum(one in listed for one in ours) >= len(ours)


def _is_earlier_row(client: BlizzardClient, other: Guild, fetched: FetchedGuild) -> bool:
    same_id = other.blizzard_id == fetched.roster.guild.id
    same_members = _has_most_of_its_members(other, fetched.roster)
    if same_id and same_members:
        # Both addresses can answer for a while; the older answer is the earlier one.
        return not (fetched.modified and other.last_modified and fetched.modified < other.last_modified)
    return (same_id or same_members) and _has_left_its_address(client, other)


def _has_left_its_address(client: BlizzardClient, guild: Guild) -> bool:
    try:
        return client.guild(guild.region, guild.realm.slug, guild.slug).id != guild.blizzard_id
    except NotFound:
        return True


def _member_pages(client: BlizzardClient, guild: Guild) -> Iterator[Answer[CharacterSummary]]:
    """Fetch the pages of the members who played last, until enough of them are informative."""
    members = (
        Character.objects.filter(membership__guild=guild)
        .exclude(profile_state__in=(ProfileState.NOT_FOUND, ProfileState.FORBIDDEN))
        .exclude(name__regex=r"\d")
        .select_related("realm", "membership")
        .order_by(F("last_login_at").desc(nulls_last=True), F("level").desc(nulls_last=True), "pk")
    )
    informative = 0
    for one in members[:MOST_PAGES]:
        try:
            answer = client.character(one.region, one.realm.slug, one.name, subject=subject_of(one))
        except (NotFound, Forbidden):
            continue
        yield answer
        informative += _is_newer_than_roster(guild, answer)
        if informative == ENOUGH_PAGES:
            return


def _is_newer_than_roster(guild: Guild, answer: Answer[CharacterSummary]) -> bool:
    """Return whether the page can tell of anything that happened since our last roster."""
    return guild.last_modified is None or answer.last_modified is None or answer.last_modified > guild.last_modified


def _fetch_if_same(client: BlizzardClient, guild: Guild, ref: GuildRef) -> FetchedGuild | None:
    """Fetch the guild from the address that a member's page gives, if it is the same guild."""
    slug = guild_slug(ref.name)
    try:
        answer = client.guild_roster(guild.region, ref.realm.slug, slug)
        roster = answer.payload
        if roster is None:
            return None
        has_same_name_and_members = slug == guild.slug and _has_most_of_its_members(guild, roster)
        if roster.guild.id != guild.blizzard_id and not has_same_name_and_members:
            return None
        profile = client.guild(guild.region, ref.realm.slug, slug)
        return FetchedGuild(ref.realm, slug, profile, roster, answer.last_modified)
    except NotFound:
        return None


def _outcome(guild: Guild, answers: list[Answer[CharacterSummary]]) -> SearchOutcome:
    pages = [one.payload for one in answers if one.payload is not None and _is_newer_than_roster(guild, one)]
    if any(one.guild is not None and one.guild.id == guild.blizzard_id for one in pages):
        return SearchOutcome.EXISTS
    return SearchOutcome.GONE if pages else SearchOutcome.UNKNOWN
