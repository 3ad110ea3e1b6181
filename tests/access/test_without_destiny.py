"""Without Destiny's settings, no page of the site or of the admin mentions it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from guildsite.admin_site import is_destiny
from sync.destiny.schedules import update_schedules
from tests.access import addresses
from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.test_admin_access import address
from tests.access.two_guilds import TwoGuilds

WORDS = ("destiny", "bungie")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def switched_off(db: None, settings: Any) -> None:
    settings.SIGN_IN_RATE = settings.API_RATE = "10000/m"
    settings.DESTINY_ENABLED = False
    update_schedules()


def pages_of_the_site(two_guilds: TwoGuilds) -> Iterator[str]:
    values = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])
    assert len(ROWS) == len(addresses.names())
    yield from (reverse(name, kwargs=known_of(name, values)) for name in ROWS)


def pages_of_the_admin(two_guilds: TwoGuilds) -> Iterator[str]:
    yield from (reverse(f"admin:{name}") for name in ("index", "status", "capacity"))
    for model in admin.site._registry:
        if not is_destiny(model):
            yield address(model, "changelist")
            some = model._default_manager.first()
            yield from (address(model, "change", some.pk),) if some is not None else ()


@pytest.mark.parametrize(
    ("who", "pages", "least"),
    [
        ("not signed in", pages_of_the_site, 5),
        ("guild master", pages_of_the_site, 30),
        ("site admin", pages_of_the_admin, 30),
    ],
)
def test_no_page_mentions_it(
    two_guilds: TwoGuilds, who: str, pages: Callable[[TwoGuilds], Iterator[str]], least: int
) -> None:
    browser, seen, found = two_guilds.browsers[who], 0, {}
    for page in pages(two_guilds):
        answer = browser.get(page)
        seen += answer.status_code == 200
        content = b"".join(answer) if answer.streaming else answer.content
        text = content.decode(errors="replace").lower()
        if words := [word for word in WORDS if word in text]:
            found[page] = [text[max(text.index(word) - 60, 0) : text.index(word) + 60] for word in words]
    assert found == {}
    assert seen >= least
