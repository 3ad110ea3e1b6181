"""The log of the running site: one id from the page to Battle.net, and nothing private, whatever people do."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings
from django.urls import reverse

from accounts.models import BattlenetToken, User
from api.tokens import make_token
from guilds.models import Guild, Membership
from guilds.timeline.feeds import renew_feed
from permissions.rights import EVERY_RIGHT
from sync.models import BlizzardJob
from tests.battlenet import Sandbox
from tests.personas import Personas
from tests.stack import Stack, wait_until

NOTE = "Plays badly when tired; mother is ill"
REQUEST = "the-request-of-the-test"


class Visitor(requests.Session):
    """A browser of the running site."""

    def __init__(self, site: str) -> None:
        super().__init__()
        self.trust_env = False
        self.site = site
        self.code = ""

    def open(self, path: str, **kwargs: Any) -> requests.Response:
        return self.get(self.site + path, timeout=20, **kwargs)

    def submit(self, path: str, data: dict[str, str], **kwargs: Any) -> requests.Response:
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        return self.post(self.site + path, data=data | token, timeout=20, **kwargs)

    def sign_in(self, persona: str) -> None:
        self.open("/accounts/login/")
        to_battlenet = self.submit("/accounts/battlenet/login/", {}, allow_redirects=False)
        back = self.get(f"{to_battlenet.headers['Location']}&persona={persona}", allow_redirects=False, timeout=20)
        self.code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        assert self.get(back.headers["Location"], timeout=20).ok


@pytest.fixture
def visitor(stack: Stack, sandbox: Sandbox) -> Visitor:
    """Return a player who signed in, and whose guild was fetched, with some failures."""
    sandbox.fault(path="/profile/wow/character/", status=500, times=1)
    sandbox.fault(path="/profile/wow/character/", body="html", times=1)
    visitor = Visitor(stack.url)
    visitor.sign_in("social")
    wait_until(lambda: Guild.objects.filter(last_synced_at__isnull=False).exists())
    return visitor


def officer() -> tuple[User, Membership]:
    """Return the player with a membership whose rank can do everything now."""
    user = User.objects.get()
    membership = Membership.objects.select_related("guild__realm").filter(character__user=user)[0]
    Personas(membership.guild, lambda name: user).give_rights(membership.rank, *EVERY_RIGHT)
    return user, membership


def use_everything(visitor: Visitor, sandbox: Sandbox) -> list[str]:
    """Open pages, write a note, and cause failures; return everything that no log can contain."""
    user, membership = officer()
    guild = membership.guild
    member_page = reverse("guilds:member", args=(guild, membership.character_id))
    pages = ["/", "/characters/", "/account/", "/account/data/", "/guilds/", guild.get_absolute_url()]
    for path in [*pages, "/nowhere/?token=tiny-little-secret", f"{member_page}?q=tiny-little-secret"]:
        visitor.open(path)
    written = visitor.submit(f"{member_page}notes/", {"text": NOTE, "about": "person"})
    assert NOTE in written.text
    visitor.submit("/characters/refresh/", {})
    sandbox.fault(path="/data/wow/guild/.*/roster", status=500, times=1)
    BlizzardJob.objects.update(succeeded_at=None, attempted_at=None)
    assert visitor.submit(f"{guild.get_absolute_url()}sync/refresh/", {}).ok
    # The code was used before, and the state is another one.
    visitor.open(f"/accounts/battlenet/login/callback/?code={visitor.code}&state=tiny-little-secret")
    tokens = use_private_addresses(visitor, user, guild)
    visitor.submit("/accounts/logout/", {"next": "tiny-little-secret"})
    token = str(BattlenetToken.objects.get().access_token)
    secrets = [settings.BLIZZARD_CLIENT_SECRET, settings.SECRET_KEY, token, visitor.code, *visitor.cookies.values()]
    names = [guild.name, guild.slug, *user.characters.values_list("name", flat=True), user.battletag, user.display_name]
    return [*secrets, *tokens, *names, NOTE, "tiny-little-secret", "Bearer"]


def use_private_addresses(visitor: Visitor, user: User, guild: Guild) -> list[str]:
    """Read the API with a token, a feed and an export, also by addresses that are slightly wrong; return the tokens."""
    terms: dict[str, Any] = {"permissions": ["guilds.view"], "guild_ids": [guild.pk], "lifetime": timedelta(days=1)}
    personal = make_token(person=user, name="Sheet", **terms)
    export = make_token(person=user, name="Sheet", export="roster.csv", **terms)
    feed = renew_feed(guild=guild, person=user)
    api = visitor.open("/api/v1/guilds", headers={"Authorization": f"Bearer {personal}"})
    assert [one["name"] for one in api.json()["items"]] == [guild.name]
    for path in (f"/guilds/feeds/{feed}", f"/api/v1/exports/{export}/roster.csv"):
        assert visitor.open(path).ok
        visitor.open(f"{path}?q=%00")
        visitor.open(f"{path}-wrong")
    visitor.open(f"/api/v1/guilds?token={personal}")
    return [personal, export, feed]


def test_the_log_contains_nothing_private(visitor: Visitor, stack: Stack, sandbox: Sandbox) -> None:
    session = visitor.cookies["sessionid"]
    private = [*use_everything(visitor, sandbox), session]
    assert len(private) >= 15
    wait_until(lambda: "roster: unavailable, HTTP 500" in stack.log())
    wait_until(lambda: not BlizzardJob.objects.in_flight().exists())
    log = stack.log()
    assert [one for one in private if one in log] == []
    lines = [line for line in log.splitlines() if " GET " in line or " POST " in line]
    assert any("/notes/" in line and " 302 " in line for line in lines)
    assert max(len(line) for line in log.splitlines()) <= 1000


def test_one_id_leads_from_the_page_through_the_task_to_battlenet(visitor: Visitor, stack: Stack) -> None:
    guild = officer()[1].guild
    BlizzardJob.objects.update(succeeded_at=None, attempted_at=None)
    answer = visitor.submit(f"{guild.get_absolute_url()}sync/refresh/", {}, headers={"X-Request-ID": REQUEST})
    assert answer.ok

    def lines() -> list[str]:
        return [line for line in stack.log().splitlines() if REQUEST in line]

    wait_until(lambda: any("run_jobs" in line for line in lines()))
    assert [line for line in lines() if re.search(r"302 POST /guilds/\S+/sync/refresh/", line)]
    assert [line for line in lines() if "GET /data/wow/guild/{realm}/{guild}/roster (" in line]
