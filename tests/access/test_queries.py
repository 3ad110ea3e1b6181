"""The number of SQL statements of a page does not depend on the number of members, in guilds and in the admin."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.test_admin_access import GUILDS_ROWS, address
from tests.access.two_guilds import TwoGuilds
from tests.factories import add_members, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits(settings: Any) -> None:
    settings.API_RATE = "10000/m"


def pages(two_guilds: TwoGuilds) -> list[str]:
    """Return all addresses that the guild master can open, and the lists of the admin."""
    values = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])
    named = [reverse(name, kwargs=known_of(name, values)) for name in ROWS]
    master = two_guilds.browsers["guild master"]
    shown = [page for page in named if master.get(page).status_code == 200]
    assert len(shown) > 15
    return shown + [address(model, "changelist") for model in GUILDS_ROWS if model in admin.site._registry]


def statements(browser: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page).status_code == 200
    return len(asked)


@pytest.mark.parametrize("who", ["guild master", "member (view alone)", "site admin"])
def test_a_page_takes_no_more_statements_with_a_thousand_members_than_with_ten(two_guilds: TwoGuilds, who: str) -> None:
    browser, person = two_guilds.browsers[who], two_guilds.rows[two_guilds.guild]["holder"]
    add_members(two_guilds.guild, 10)
    add_members(two_guilds.guild, 2, owner=person)
    known = [page for page in pages(two_guilds) if browser.get(page).status_code == 200]
    few = {page: statements(browser, page) for page in known}
    # The new ones sort first, so they are on the first page of the roster.
    add_members(two_guilds.guild, 90, owner=person)
    add_members(two_guilds.guild, 900)
    for member in two_guilds.guild.memberships.select_related("character")[100:200]:
        make_job(member.character, state="FAILED", error_kind="bad_payload")
    with connection.cursor() as cursor:
        # Without it PostgreSQL plans for ten members, and takes seconds for a page.
        cursor.execute("ANALYZE")
    more = {page: statements(browser, page) for page in known}
    assert {page: (few[page], more[page]) for page in known if more[page] > few[page]} == {}
    assert max(few.values()) <= 40
