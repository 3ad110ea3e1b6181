"""The kinds of job of World of Warcraft: accounts, profiles, rosters, game data, portraits and icons."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild, Membership
from sync.blizzard.client import (
    ACCOUNT_ENDPOINTS,
    CHARACTER_ENDPOINTS,
    DETAILS_ENDPOINTS,
    GAME_DATA_ENDPOINTS,
    GUILD_ENDPOINTS,
    ICON_ENDPOINTS,
)
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.kinds import JobKind, Tier
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow import accounts, characters, details, game_data, guilds, icons, retention
from sync.wow.jobs import create_icons_job, profile_jobs
from sync.wow.provider import client_for

Kind = BlizzardJob.Kind
Priority = BlizzardJob.Priority

# A player who signed in this recently uses the site: their session still lasts.
SESSION = timedelta(seconds=settings.SESSION_COOKIE_AGE)
# A character that was played this recently is active, whether its owner is known or not.
ACTIVE = timedelta(days=14)


def run_account(claim: Claim, lane: Lane) -> BlizzardJobQuerySet | None:
    """Sync an account in one region; its characters' profiles come next.

    A region that is not configured any more is parked.
    """
    job = claim.jobs.select_related("user__battlenet_token").first()
    if job is None:
        # The account was deleted meanwhile.
        return None
    if job.region not in settings.BLIZZARD_REGIONS:
        transitions.park(claim.jobs, claim=claim)
        return None
    synced = accounts.sync_region(client=client_for(lane), user=job.user, job=job, claim=claim)
    return profile_jobs(synced.due_ids)


def run_profiles(claim: Claim, lane: Lane) -> BlizzardJobQuerySet | None:
    """Sync some profiles, in the background after a revalidation. The rosters of players' guilds come next."""
    client, ids = client_for(lane), claim.held.values("character")
    wanted = list(Character.objects.select_related("realm", "membership").filter(pk__in=ids))
    if lane is Lane.BACKGROUND:
        wanted = retention.revalidate(client=client, characters=wanted, claim=claim)
    applied = characters.apply_batch(characters.fetch_one_by_one(client, wanted), claim)
    return BlizzardJob.objects.filter(kind=Kind.ROSTER, guild__in=applied.guild_ids) if applied.guild_ids else None


def run_roster(claim: Claim, lane: Lane) -> None:
    """Sync one guild's roster."""
    # None when it was merged with another row meanwhile.
    guild = Guild.objects.select_related("realm").filter(pk__in=claim.jobs.values("guild")).first()
    if guild is not None:
        guilds.sync_guild(client=client_for(lane), guild=guild, claim=claim)


def run_game_data(claim: Claim, lane: Lane) -> None:
    """Sync one region's game data."""
    game_data.sync_game_data(client=client_for(lane), region=claim.jobs.get().region, claim=claim)


def run_details(claim: Claim, lane: Lane) -> None:
    """Sync portraits and specializations of some characters."""
    details.run_details(client_for(lane), claim)


def run_icons(claim: Claim, lane: Lane) -> None:
    """Sync the icons of classes and specializations."""
    icons.run_icons(client_for(lane), claim)


def active_profiles() -> BlizzardJobQuerySet:
    """Return the profiles of characters that are played, or whose owner uses the site."""
    return _profiles().filter(_is_active())


def other_profiles() -> BlizzardJobQuerySet:
    """Return the other profiles."""
    return _profiles().exclude(_is_active())


def rosters_in_use() -> BlizzardJobQuerySet:
    """Return the rosters with a member who uses the site."""
    members = Membership.objects.filter(
        guild=OuterRef("guild"), character__user__last_login__gte=timezone.now() - SESSION
    )
    return all_rosters().filter(Exists(members))


def all_rosters() -> BlizzardJobQuerySet:
    """Return the rosters of all guilds but those whose data was deleted."""
    return BlizzardJob.objects.filter(kind=Kind.ROSTER, guild__deleted_at=None)


def all_game_data() -> BlizzardJobQuerySet:
    """Return the game data of all regions."""
    return BlizzardJob.objects.filter(kind=Kind.GAME_DATA)


def _profiles() -> BlizzardJobQuerySet:
    """No endpoint knows a character that needs a rename: Blizzard took its name."""
    return BlizzardJob.objects.filter(kind=Kind.PROFILE).exclude(character__name__regex=r"\d")


def _is_active() -> Q:
    now = timezone.now()
    return Q(character__user__last_login__gte=now - SESSION) | Q(character__last_login_at__gte=now - ACTIVE)


ACCOUNT = JobKind(
    provider="blizzard",
    name=Kind.ACCOUNT,
    model=BlizzardJob,
    run=run_account,
    # Only a sign-in brings a token, so no schedule makes accounts due.
    endpoints=ACCOUNT_ENDPOINTS,
    region="region",
    is_interactive=True,
)
PROFILE = JobKind(
    provider="blizzard",
    name=Kind.PROFILE,
    model=BlizzardJob,
    run=run_profiles,
    endpoints=CHARACTER_ENDPOINTS,
    region="character__region",
    batch=10,
    tiers=(
        Tier("active characters", active_profiles, Priority.NORMAL, requests=1),
        Tier("other characters", other_profiles, Priority.LOW, requests=1),
        # The question, and the profile that is fetched with it.
        Tier("unconfirmed", retention.due_jobs, Priority.LOW, requests=2, each_every=retention.interval),
    ),
)
ROSTER = JobKind(
    provider="blizzard",
    name=Kind.ROSTER,
    model=BlizzardJob,
    run=run_roster,
    endpoints=GUILD_ENDPOINTS,
    region="guild__region",
    # Ranks decide what members can do.
    carries_rights=True,
    tiers=(
        # A roster that changed costs a second request.
        Tier("rosters in use", rosters_in_use, Priority.HIGH, requests=2),
        Tier("all rosters", all_rosters, Priority.HIGH, requests=2),
    ),
)
GAME_DATA = JobKind(
    provider="blizzard",
    name=Kind.GAME_DATA,
    model=BlizzardJob,
    run=run_game_data,
    endpoints=GAME_DATA_ENDPOINTS,
    region="region",
    # About one request for each race, specialization and connected realm.
    tiers=(Tier("game data", all_game_data, Priority.LOW, requests=200),),
)
DETAILS = JobKind(
    provider="blizzard",
    name=Kind.DETAILS,
    model=BlizzardJob,
    run=run_details,
    endpoints=DETAILS_ENDPOINTS,
    region="character__region",
    batch=5,
    tiers=(
        # The specializations, the document that names the portrait, and the portrait if it changed.
        Tier(
            "portraits and specializations",
            details.due_details,
            Priority.LOW,
            requests=3,
            each_every=details.interval,
            add_missing=details.add_missing_jobs,
        ),
    ),
)
ICONS = JobKind(
    provider="blizzard",
    name=Kind.ICONS,
    model=BlizzardJob,
    run=run_icons,
    endpoints=ICON_ENDPOINTS,
    region="region",
    tiers=(
        Tier(
            "icons",
            icons.due_icons,
            Priority.LOW,
            requests=icons.REQUESTS,
            each_every=icons.interval,
            add_missing=create_icons_job,
        ),
    ),
)
KINDS = (ACCOUNT, PROFILE, ROSTER, GAME_DATA, DETAILS, ICONS)
