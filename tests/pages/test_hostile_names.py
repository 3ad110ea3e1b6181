"""Names from the game are text on every page, in the admin and in the export, whatever they contain."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from characters.models import Character, PlayableClass, PlayableRace, Realm, Specialization
from guilds.models import Guild, Membership, TimelineEvent, Visibility
from permissions.models import Rank
from sync.models import BlizzardJob
from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.test_admin_access import address
from tests.access.two_guilds import TwoGuilds

pytestmark = pytest.mark.django_db

# It ends an attribute and a comment, opens an element, and is a formula and an expression of templates.
NAME = '=1+{{7}}"\'--><i evil="'
NAMED = (Character, Guild, Realm, PlayableClass, PlayableRace, Specialization)
LATEST = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.evil = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.evil += any("evil" in name for name, _ in attrs)


@pytest.fixture
def hostile(two_guilds: TwoGuilds) -> TwoGuilds:
    """Two guilds in which everything that comes from Battle.net is as hostile as the client lets through."""
    for model in NAMED:
        model._default_manager.update(name=Concat(Value(NAME), Cast("pk", TextField()), output_field=CharField()))
    Realm.objects.update(category=NAME)
    User.objects.update(battletag=Concat(Value(NAME), Cast("pk", TextField()), output_field=CharField()))
    BlizzardJob.objects.update(error_text=NAME, error_kind=NAME[:20], http_status=32_767)
    Rank.objects.update(rank_name=NAME)
    numbers = {"level": 32_767, "average_item_level": 32_767, "equipped_item_level": 0}
    Character.objects.update(**numbers, last_login_at=LATEST, gender="", faction="")
    Guild.objects.update(
        member_count=2**31 - 1,
        achievement_points=2**31 - 1,
        founded_at=LATEST,
        roster_snapshot_at=LATEST,
        visibility=Visibility.EVERYBODY,
        crest={one: {"id": 2**31 - 1, "color": {"r": None, "g": 0, "b": 255, "a": 1}} for one in ("emblem", "border")},
    )
    guild, rows = two_guilds.guild, two_guilds.rows[two_guilds.guild]
    Membership.objects.filter(pk=rows["membership"].pk).update(rank=32_767)
    TimelineEvent.objects.create(
        guild=guild,
        kind=TimelineEvent.Kind.GUILD_RENAMED,
        happened_at=timezone.now(),
        details={"before": NAME, "after": f"{NAME}2"},
    )
    return two_guilds


def pages(hostile: TwoGuilds) -> dict[str, str]:
    """Return the address of every page outside the admin by the name of its view."""
    guild = Guild.objects.get(pk=hostile.guild.pk)
    values = arguments(guild, hostile.rows[hostile.guild])
    # Without workers, /readyz is a 503.
    return {name: reverse(name, kwargs=known_of(name, values)) for name in ROWS if name != "readyz"}


def admin_pages() -> list[str]:
    """Return the addresses of the admin's lists, and of the pages of one row of each."""
    found = [reverse("admin:index"), reverse("admin:status"), reverse("admin:capacity")]
    for model in admin.site._registry:
        found.append(address(model, "changelist"))
        if row := model._default_manager.first():
            found += [address(model, page, row.pk) for page in ("change", "history", "delete")]
    return found


def shown(browser: Client, where: str) -> int:
    """Return how often the page shows the name, after checking that it is nothing but text."""
    answer = browser.get(where)
    assert answer.status_code < 500, where
    if not answer["Content-Type"].startswith("text/html"):
        harmless = ("text/plain", "application/json", "image/")
        assert "Content-Disposition" in answer or answer["Content-Type"].startswith(harmless)
        return 0
    text = answer.content.decode()
    parser = _Elements()
    parser.feed(text)
    assert (parser.evil, NAME in text) == (0, False), where
    return text.count("&lt;i evil=")


@pytest.mark.parametrize("who", ["guild master", "site admin", "outsider", "not signed in"])
def test_a_name_is_text_on_every_page(hostile: TwoGuilds, who: str) -> None:
    browser = hostile.browsers[who]
    counts = {name: shown(browser, where) for name, where in pages(hostile).items()}
    print(f"\n{who}: {len(counts)} pages, {sum(counts.values())} hostile names, 0 elements or attributes of theirs")
    assert any(counts.values())
    if who in ("guild master", "site admin"):
        assert counts["guilds:roster"] > 20
        assert counts["guilds:timeline"] >= 2
        assert sum(1 for count in counts.values() if count) > 12, counts


@pytest.mark.parametrize("who", ["guild master", "site admin"])
def test_a_name_is_text_on_every_page_of_the_admin(hostile: TwoGuilds, who: str) -> None:
    counts = [shown(hostile.browsers[who], where) for where in admin_pages()]
    print(f"\n{who}: {len(counts)} pages of the admin, {sum(counts)} hostile names, 0 elements or attributes of theirs")
    assert sum(1 for count in counts if count) > 8


def test_an_export_is_a_file_with_the_name_as_json(hostile: TwoGuilds) -> None:
    answer = hostile.browsers["guild master"].post(reverse("account_export"))
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert json.loads(answer.content)["person"]["battletag"].startswith(NAME)
