"""Personas connect their Bungie accounts, whose data the workers then fetch.

`python -m demo.bungie SANDBOX`, at later starts, gives those that are connected new tokens: the sandbox forgets its
tokens when it ends.
"""

import argparse
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import django
import requests

if TYPE_CHECKING:
    from accounts.bungie import BungieGrant

TIMEOUT = 60
# The Battle.net ids of the personas who play both games, by the name that they have in the sandbox.
PLAYERS = {"guildmaster": 482_210_377, "officer": 517_904_122, "raider": 2_480_117_903}


def main() -> None:
    """Connect the accounts in the database of the settings."""
    parser = argparse.ArgumentParser(prog="python -m demo.bungie", description=__doc__)
    parser.add_argument("sandbox", help="address of the sandbox")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    django.setup()
    connect_players(options.sandbox)


def connect_players(sandbox: str) -> int:
    """Connect the players' accounts, or renew those that are connected if any is; returns how many."""
    from accounts.bungie_sign_in import connect
    from accounts.models import User
    from destiny.models import BungieAccount

    connected = set(BungieAccount.objects.values_list("user__battlenet_id", flat=True))
    count = 0
    for persona, battlenet_id in PLAYERS.items():
        user = User.objects.filter(battlenet_id=battlenet_id).first()
        if user is not None and (not connected or battlenet_id in connected):
            connect(user=user, grant=agreed_grant(sandbox, persona))
            count += 1
    return count


def agreed_grant(sandbox: str, persona: str) -> "BungieGrant":
    """Return what the persona agrees to at the sandbox's Bungie."""
    from django.conf import settings
    from django.utils import timezone

    from accounts.bungie import BungieGrant

    with requests.Session() as http:
        http.trust_env = False
        tokens = _tokens(http, sandbox, persona)
        headers = {"X-API-Key": settings.BUNGIE_API_KEY, "Authorization": f"Bearer {tokens['access_token']}"}
        address = f"{sandbox}/Platform/User/GetMembershipsForCurrentUser/"
        person = http.get(address, headers=headers, timeout=TIMEOUT).json()["Response"]["bungieNetUser"]
    return BungieGrant(
        bungie_id=int(tokens["membership_id"]),
        name=f"{person['cachedBungieGlobalDisplayName']}#{person['cachedBungieGlobalDisplayNameCode']:04d}",
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        expires_at=_in(timezone.now(), tokens["expires_in"]),
        refresh_expires_at=_in(timezone.now(), tokens["refresh_expires_in"]),
    )


def _tokens(http: requests.Session, sandbox: str, persona: str) -> dict[str, Any]:
    from django.conf import settings
    from django.urls import reverse

    callback = f"{settings.SITE_URL}{reverse('bungie_callback')}"
    asked = {
        "client_id": settings.BUNGIE_CLIENT_ID,
        "response_type": "code",
        "state": "demo",
        "redirect_uri": callback,
        "persona": persona,
    }
    back = http.get(f"{sandbox}/en/OAuth/Authorize", params=asked, allow_redirects=False, timeout=TIMEOUT)
    code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
    answer = http.post(
        f"{sandbox}/Platform/App/OAuth/token/",
        data={"grant_type": "authorization_code", "code": code},
        auth=(settings.BUNGIE_CLIENT_ID, settings.BUNGIE_CLIENT_SECRET),
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    tokens: dict[str, Any] = answer.json()
    return tokens


def _in(now: datetime, seconds: int) -> datetime:
    return now + timedelta(seconds=seconds)


if __name__ == "__main__":
    main()
