"""(e) Onboarding with sequential requests, for comparison; rows are written at the end.

First the account's list, then each character's profile, then guilds and characters are upserted. Rosters, collections
and game data are left out.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import requests
from django.conf import settings

from accounts.models import User
from benchmarks.battlenet import CLIENT_ID, CLIENT_SECRET, Battlenet
from characters.models import Character
from guilds.models import Guild

CALLBACK = "http://localhost/callback/"


def onboard(server: Battlenet, persona: str) -> int:
    """Fetch and write the player's characters; return how many."""
    with requests.Session() as session:
        token = _sign_in(session, server, persona)
        user, _ = User.objects.get_or_create(battlenet_id=1, defaults={"battletag": "Simple#1"})
        characters: dict[tuple[str, int, str], Character] = {}
        guilds: dict[tuple[str, int, str], Guild] = {}
        for region in settings.BLIZZARD_REGIONS:
            for listed in _listed(session, server, region, token):
                path = f"/profile/wow/character/{listed['realm']['slug']}/{quote(listed['name'].lower())}"
                profile = _get(session, server, region, path, token) or {}
                row = _character(user, region, listed, profile)
                characters[region, row.realm_id, row.name] = row
                if "guild" in profile:
                    guild = _guild(region, profile["guild"])
                    guilds[region, guild.realm_id, guild.slug] = guild
    Guild.objects.bulk_create(
        guilds.values(), update_conflicts=True, unique_fields=["region", "realm", "slug"], update_fields=["name"]
    )
    # The constraint on names is deferrable, so upserts can't use it; a first onboarding has only new rows anyway.
    Character.objects.bulk_create(characters.values())
    return len(characters)


def _sign_in(session: requests.Session, server: Battlenet, persona: str) -> str:
    query = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid wow.profile",
        "state": "state",
        "persona": persona,
    }
    back = session.get(f"{server.url}/authorize", params=query, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = session.post(f"{server.url}/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=10)
    return str(answer.json()["access_token"])


def _get(session: requests.Session, server: Battlenet, region: str, path: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Battlenet-Namespace": f"profile-{region}"}
    answer = session.get(server.url + path, params={"locale": "en_US"}, headers=headers, timeout=10)
    return answer.json() if answer.ok else None


def _listed(session: requests.Session, server: Battlenet, region: str, token: str) -> list[Any]:
    account = _get(session, server, region, "/profile/user/wow", token) or {}
    return [one for wow_account in account.get("wow_accounts", []) for one in wow_account.get("characters", [])]


def _character(user: User, region: str, listed: Any, profile: Any) -> Character:
    login = profile.get("last_login_timestamp")
    return Character(
        user=user,
        region=region,
        realm_id=listed["realm"]["id"],
        name=listed["name"],
        blizzard_id=listed["id"],
        level=listed["level"],
        playable_class_id=listed["playable_class"]["id"],
        playable_race_id=listed["playable_race"]["id"],
        equipped_item_level=profile.get("equipped_item_level"),
        last_login_at=datetime.fromtimestamp(login / 1000, UTC) if login else None,
    )


def _guild(region: str, named: Any) -> Guild:
    slug = named["name"].replace(" ", "-").lower()
    return Guild(region=region, realm_id=named["realm"]["id"], slug=slug, name=named["name"], blizzard_id=named["id"])
