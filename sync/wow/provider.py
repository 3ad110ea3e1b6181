"""Battle.net as a provider of the engine, and the subjects of its requests for the circuit breaker."""

from functools import cache

from django.conf import settings

from characters.models import HIDDEN, Character
from sync.blizzard.client import BlizzardClient, Credentials
from sync.engine.http import Transport
from sync.engine.protocols import Subject
from sync.engine.providers import Provider
from sync.engine.rate_limiter import Lane, Window
from sync.models import BlizzardJob


def blizzard() -> Provider[BlizzardClient]:
    """Return the provider."""
    return Provider(
        name="blizzard",
        label="Battle.net",
        hosts={"oauth": settings.BLIZZARD_OAUTH_URL, "api": settings.BLIZZARD_API_URL},
        windows=(
            Window(settings.BLIZZARD_RATE_PER_SECOND, 1, reserve=settings.BLIZZARD_RESERVE_PER_SECOND),
            Window(
                settings.BLIZZARD_RATE_PER_HOUR,
                3600,
                reserve=settings.BLIZZARD_RESERVE_PER_HOUR,
                reserve_for_rights=settings.BLIZZARD_ROSTER_RESERVE_PER_HOUR,
            ),
        ),
        credentials={"client_id": settings.BLIZZARD_CLIENT_ID, "client_secret": settings.BLIZZARD_CLIENT_SECRET},
        jobs=BlizzardJob,
        make_client=_client,
    )


@cache
def client_for(lane: Lane) -> BlizzardClient:
    """Return the client of this process for a lane."""
    return blizzard().client(lane)


def _client(provider: Provider[BlizzardClient], transport: Transport) -> BlizzardClient:
    return BlizzardClient(
        credentials=Credentials(**provider.credentials),
        oauth_url=provider.hosts["oauth"],
        api_url=provider.hosts["api"],
        media_urls=settings.BLIZZARD_MEDIA_URLS,
        locale=settings.BLIZZARD_API_LOCALE,
        transport=transport,
    )


def subject_of(character: Character) -> Subject:
    """Return the character's player, or else its guild, if its membership is loaded, or else the character itself.

    The guild is not first, since a site with a single guild has to detect outages too. Sends no query, since it is
    called for many characters, in threads.
    """
    membership = getattr(character, "membership", None) if Character.membership.is_cached(character) else None
    group = character.user_id or (membership.guild_id if membership else character.pk)
    return Subject(str(group), was_refused=character.profile_state in HIDDEN)
