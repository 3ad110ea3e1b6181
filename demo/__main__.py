"""`python -m demo SANDBOX FIRST_DAY`: fill an empty database with what happened since the first day."""

import argparse
import os
from datetime import UTC, datetime, timedelta

import django


def main() -> None:
    """Fill the database of the settings."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("sandbox", help="address of a sandbox whose world begins on the first day")
    parser.add_argument("first_day", type=datetime.fromisoformat, help="YYYY-MM-DD")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    django.setup()
    live(options.sandbox, options.first_day.replace(tzinfo=UTC))


def live(sandbox: str, first_day: datetime) -> None:
    """Advance the world to today. Without a guild in the database, the site and its people follow."""
    from django.conf import settings

    from demo.bungie import connect_players
    from demo.history import History
    from demo.world import SandboxWorld
    from guilds.models import Guild
    from sync.engine.rate_limiter import Lane
    from sync.wow.provider import client_for

    world = SandboxWorld(
        sandbox,
        client_id=settings.BLIZZARD_CLIENT_ID,
        client_secret=settings.BLIZZARD_CLIENT_SECRET,
        callback=f"{settings.SITE_URL}/accounts/battlenet/login/callback/",
    )
    days = (datetime.now(UTC) - first_day) // timedelta(days=1)
    if Guild.objects.exists():
        # A start was interrupted.
        world.advance(days)
    else:
        History(world, client_for(Lane.BACKGROUND), first_day).live(days)
    connect_players(sandbox)


if __name__ == "__main__":
    main()
