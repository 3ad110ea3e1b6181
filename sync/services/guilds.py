"""Rosters: who stands in a guild, as Battle.net says it today."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild
from sync import leases, ledger
from sync.blizzard.client import BlizzardClient
from sync.blizzard.errors import BlizzardError
from sync.blizzard.payloads import GuildProfile, GuildRef, GuildRoster
from sync.bulk import lock_identities
from sync.models import LedgerEntry
from sync.outcome import Outcome
from sync.services.brake import doubts
from sync.services.game_data import ensure_known
from sync.services.identities import address_of, characters_concerned
from sync.services.mains import recompute_mains
from sync.services.roster_diff import compare, is_member


def guild_slug(name: str) -> str:
    """A guild's name as Battle.net's addresses have it: lower case, spaces to hyphens, nothing else."""
    return name.replace(" ", "-").lower()


def find_guild(*, client: BlizzardClient, region: str, realm_slug: str, name: str) -> Guild:
    """The guild with this name (or slug), from our tables or else from Battle.net. Raises NotFound."""
    slug = guild_slug(name)
    known = Guild.objects.at(region, realm_slug, slug).select_related("realm").first()
    if known is not None:
        return known
    profile = client.guild(region, realm_slug, slug)
    return ensure_guild(
        region=region, ref=GuildRef(id=profile.id, name=profile.name, realm=profile.realm, faction=profile.faction)
    )


def ensure_guild(*, region: str, ref: GuildRef) -> Guild:
    """The guild that another answer named; a new one waits in the ledger for its roster."""
    ensure_known(region=region, realms=[ref.realm])
    guild, is_new = Guild.objects.select_related("realm").get_or_create(
        region=region,
        realm_id=ref.realm.id,
        slug=guild_slug(ref.name),
        defaults={"blizzard_id": ref.id, "name": ref.name, "faction": ref.faction},
    )
    if is_new:
        ledger.entry_of_guild(guild)
    return guild


def sync_guild(*, client: BlizzardClient, guild: Guild) -> Outcome:
    """Bring the guild and its roster up to date. Raises BlizzardError, after noting it in the ledger.

    An unchanged roster costs one request. A changed one costs a second for the guild's own page, which Battle.net
    renews together with the roster. A guild whose data was deleted is left alone. `guild.realm` should be loaded.
    """
    if guild.deleted_at is not None:
        ledger.set_aside(LedgerEntry.objects.filter(guild=guild))
        return Outcome()
    entry = LedgerEntry.objects.filter(pk=ledger.entry_of_guild(guild).pk)
    ledger.begin(entry)
    try:
        answer = client.guild_roster(guild.region, guild.realm.slug, guild.slug, since=guild.last_modified)
        if answer.payload is None:
            ledger.succeed(entry, changed=False)
            ledger.nobody_waits(entry)
            return Outcome(unchanged=guild.memberships.count())
        profile = client.guild(guild.region, guild.realm.slug, guild.slug)
    except BlizzardError as error:
        ledger.fail(entry, error)
        raise
    return apply_roster(guild=guild, profile=profile, roster=answer.payload, modified=answer.last_modified, entry=entry)


@transaction.atomic
def apply_roster(
    *,
    guild: Guild,
    profile: GuildProfile,
    roster: GuildRoster,
    modified: datetime | None,
    entry: "QuerySet[LedgerEntry]",
) -> Outcome:
    """Make our memberships those of the roster, in a number of statements that does not depend on its size.

    A roster that the brake doubts changes nothing until a second answer says the same.
    """
    lock_identities(guild.region)
    guild = Guild.objects.select_for_update(no_key=True).get(pk=guild.pk)
    leases.confirm()
    if guild.deleted_at is not None:
        ledger.set_aside(entry)
        return Outcome()
    # A character listed twice counts once.
    members = list({address_of(one): one for one in roster.members}.values())
    in_guild = Character.objects.filter(membership__guild=guild)
    ours = characters_concerned(guild.region, members, also=in_guild)
    diff = compare(guild, members, ours, now=timezone.now())
    before = sum(1 for one in ours if is_member(guild, one))
    if doubts(guild, members, before=before, leavers=len(diff.leavers)):
        guild.save(update_fields=("doubted_roster", "updated_at"))
        ledger.doubt(entry, lost=len(diff.leavers), members=before)
        return Outcome(unchanged=before)
    diff.write()
    if diff.has_changes:
        recompute_mains(guild_ids=diff.guild_ids)
    _take_over(guild, profile, modified)
    ledger.succeed(entry, changed=diff.has_changes, now=guild.last_synced_at)
    ledger.nobody_waits(entry)
    return diff.outcome(len(members))


def _take_over(guild: Guild, profile: GuildProfile, modified: datetime | None) -> None:
    guild.blizzard_id = profile.id
    guild.name = profile.name
    guild.faction = profile.faction or guild.faction
    guild.member_count = profile.member_count
    guild.achievement_points = profile.achievement_points
    guild.founded_at = profile.founded_at
    guild.crest = dict(profile.crest)
    guild.last_modified = modified
    guild.last_synced_at = timezone.now()
    guild.save()
