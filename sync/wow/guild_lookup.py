"""Find out where a guild is today: still at its address, at another one, or nowhere.

This module only fetches; others apply what it finds. An id alone proves nothing (Battle.net's ids may not be unique
beyond a realm), nor does a name, nor one 404. So two of three must agree: the id, most of the members, and that the old
address no longer knows the guild.
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
from sync.engine.responses import Answer
from sync.wow.subjects import subject_of

# So many members' own pages are asked for, one after the other, until so many of them said something.
MOST_ASKED = 10
ENOUGH_WITNESSES = 3


def guild_slug(name: str) -> str:
    """A guild's name as Battle.net's addresses have it: lower case, spaces to hyphens, nothing else."""
    return name.replace(" ", "-").lower()


@dataclass(frozen=True, slots=True)
class FetchedGuild:
    """A guild's page and roster as they are at an address today."""

    realm: RealmRef
    slug: str
    profile: GuildProfile
    roster: GuildRoster
    modified: datetime | None


class Verdict(Enum):
    """What the members' own pages say of a guild that its address does not know."""

    THERE = auto()
    GONE = auto()
    NOBODY_KNOWS = auto()


@dataclass(frozen=True, slots=True)
class Search:
    """What came of looking for a guild: where it is now, or else whether it can be believed to be no more."""

    sighting: FetchedGuild | None
    verdict: Verdict


def fetch_at_known_address(client: BlizzardClient, guild: Guild) -> FetchedGuild | None:
    """The guild at the address that we know; None when its roster did not change.

    Raises NotFound also when another guild has taken the address.
    """
    answer = client.guild_roster(guild.region, guild.realm.slug, guild.slug, since=guild.last_modified)
    if answer.payload is None:
        return None
    if _is_another(guild, answer.payload):
        raise NotFound(f"/data/wow/guild/{guild.realm.slug}/{guild.slug}", detail="the name is another guild's now")
    realm = RealmRef(id=guild.realm_id, slug=guild.realm.slug, name=guild.realm.name)
    return _with_page(client, guild.region, realm, guild.slug, answer)


def search(client: BlizzardClient, guild: Guild) -> Search:
    """Ask the members' own pages which guild they stand in now, and look there."""
    answers = list(_witnesses(client, guild))
    named = [one.payload.guild for one in answers if one.payload is not None and one.payload.guild is not None]
    # The same id first: it is the better evidence.
    elsewhere = {_address_of(ref): ref for ref in sorted(named, key=lambda ref: ref.id != guild.blizzard_id)}
    elsewhere.pop((guild.realm_id, guild.slug), None)
    for ref in elsewhere.values():
        if (sighting := _look_at(client, guild, ref)) is not None:
            return Search(sighting, Verdict.THERE)
    return Search(None, _verdict(guild, answers))


def earlier_rows(client: BlizzardClient, guild: Guild, sighting: FetchedGuild) -> list[Guild]:
    """Rows of ours that are the same guild at a former address: for a guild whose first roster this is."""
    if guild.last_synced_at is not None:
        return []
    alike = Q(blizzard_id=sighting.roster.guild.id) | Q(slug=guild.slug)
    others = Guild.objects.filter(alike, region=guild.region).exclude(pk=guild.pk).select_related("realm")
    return [other for other in others.order_by("pk") if _is_former_self(client, other, sighting)]


def _with_page(
    client: BlizzardClient, region: str, realm: RealmRef, slug: str, answer: Answer[GuildRoster]
) -> FetchedGuild:
    profile = client.guild(region, realm.slug, slug)
    if answer.payload is None:
        raise ValueError("an unchanged roster is no sighting")
    return FetchedGuild(realm, slug, profile, answer.payload, answer.last_modified)


def _address_of(ref: GuildRef) -> tuple[int, str]:
    return ref.realm.id, guild_slug(ref.name)


def _is_another(guild: Guild, roster: GuildRoster) -> bool:
    """Whether a guild that we know well was replaced by one with another id and other members."""
    if guild.last_synced_at is None or roster.guild.id == guild.blizzard_id:
        return False
    return not _has_most_of_its_members(guild, roster)


def _has_most_of_its_members(guild: Guild, roster: GuildRoster) -> bool:
    listed = {(one.realm.id, one.id) for one in roster.members}
    ours = list(guild.memberships.values_list("character__realm_id", "character__blizzard_id"))
    return bool(ours) and 2 * sum(one in listed for one in ours) >= len(ours)


def _is_former_self(client: BlizzardClient, other: Guild, sighting: FetchedGuild) -> bool:
    same_id = other.blizzard_id == sighting.roster.guild.id
    same_members = _has_most_of_its_members(other, sighting.roster)
    if same_id and same_members:
        # Both addresses may answer for a while; the older answer is the former one.
        return not (sighting.modified and other.last_modified and sighting.modified < other.last_modified)
    return (same_id or same_members) and _has_left_home(client, other)


def _has_left_home(client: BlizzardClient, guild: Guild) -> bool:
    try:
        return client.guild(guild.region, guild.realm.slug, guild.slug).id != guild.blizzard_id
    except NotFound:
        return True


def _witnesses(client: BlizzardClient, guild: Guild) -> Iterator[Answer[CharacterSummary]]:
    """The pages of some members, of those who played last first; whoever is hidden says nothing."""
    members = (
        Character.objects.filter(membership__guild=guild)
        .exclude(profile_state__in=(ProfileState.NOT_FOUND, ProfileState.FORBIDDEN))
        .exclude(name__regex=r"\d")
        .select_related("realm", "membership")
        .order_by(F("last_login_at").desc(nulls_last=True), F("level").desc(nulls_last=True), "pk")
    )
    heard = 0
    for one in members[:MOST_ASKED]:
        try:
            answer = client.character(one.region, one.realm.slug, one.name, subject=subject_of(one))
        except (NotFound, Forbidden):
            continue
        yield answer
        heard += _is_news(guild, answer)
        if heard == ENOUGH_WITNESSES:
            return


def _is_news(guild: Guild, answer: Answer[CharacterSummary]) -> bool:
    """A page that is older than our last roster tells nothing that happened since."""
    return guild.last_modified is None or answer.last_modified is None or answer.last_modified > guild.last_modified


def _look_at(client: BlizzardClient, guild: Guild, ref: GuildRef) -> FetchedGuild | None:
    """The guild at the address where a member says it is, if it is the same."""
    slug = guild_slug(ref.name)
    try:
        answer = client.guild_roster(guild.region, ref.realm.slug, slug)
        if answer.payload is None:
            return None
        same_id = answer.payload.guild.id == guild.blizzard_id
        if not same_id and not (slug == guild.slug and _has_most_of_its_members(guild, answer.payload)):
            return None
        return _with_page(client, guild.region, ref.realm, slug, answer)
    except NotFound:
        return None


def _verdict(guild: Guild, answers: list[Answer[CharacterSummary]]) -> Verdict:
    news = [one.payload for one in answers if one.payload is not None and _is_news(guild, one)]
    if any(one.guild is not None and one.guild.id == guild.blizzard_id for one in news):
        return Verdict.THERE
    return Verdict.GONE if news else Verdict.NOBODY_KNOWS
