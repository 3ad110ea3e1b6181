"""Bungie as a provider of the engine."""

from functools import cache

from django.conf import settings

from sync.bungie.client import BungieClient, Credentials
from sync.bungie.envelope import translate
from sync.engine.http import Transport
from sync.engine.providers import Provider
from sync.engine.rate_limiter import Lane, Window
from sync.models import BungieJob

# The percentage of Bungie's limit that the sync uses. Of 250 requests in ten seconds, 20 are left: ten for sign-ins,
# which send two that the limiter does not count, and ten for those that reach Bungie up to 0.4 s late, in the next ten.
USED_SHARE = 92


def bungie() -> Provider[BungieClient] | None:
    """Return the provider; None if Destiny is off."""
    if not settings.DESTINY_ENABLED:
        return None
    limit = max(settings.BUNGIE_RATE_PER_10_SECONDS * USED_SHARE // 100, 1)
    return Provider(
        name="bungie",
        label="Bungie",
        hosts={"site": settings.BUNGIE_URL},
        windows=(Window(limit, 10, reserve=settings.BUNGIE_RESERVE_PER_10_SECONDS),),
        credentials={
            "client_id": settings.BUNGIE_CLIENT_ID,
            "client_secret": settings.BUNGIE_CLIENT_SECRET,
            "api_key": settings.BUNGIE_API_KEY,
        },
        jobs=BungieJob,
        make_client=_client,
        translate=translate,
    )


class DestinyOff(Exception):
    """Something asks for Bungie's client, although the settings switch Destiny off."""


@cache
def client_for(lane: Lane) -> BungieClient:
    """Return the client of this process for a lane. Raises DestinyOff."""
    provider = bungie()
    if provider is None:
        raise DestinyOff
    return provider.client(lane)


def _client(provider: Provider[BungieClient], transport: Transport) -> BungieClient:
    return BungieClient(
        credentials=Credentials(**provider.credentials),
        url=provider.hosts["site"],
        user_agent=f"Guildsite/{settings.VERSION} (+{settings.SITE_URL})",
        transport=transport,
    )
