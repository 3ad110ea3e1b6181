"""Every page costs as many statements with 1,000 members as with 10: pages of guilds and lists of the admin."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access.people import House, build_house
from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.test_admin_access import GUILDS_ROWS, address
from tests.battlenet import Sandbox
from tests.factories import crowd, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(sandbox: Sandbox) -> House:
    return build_house()


def pages(house: House) -> list[str]:
    """All addresses whose GET is a page for the guild's master, and the admin's lists."""
    values = arguments(house.guild, house.things[house.guild])
    named = [reverse(name, kwargs=known_of(name, values)) for name in ROWS]
    master = house.browsers["guild master"]
    shown = [page for page in named if master.get(page).status_code == 200]
    assert len(shown) > 15
    return shown + [address(model, "changelist") for model in GUILDS_ROWS if model in admin.site._registry]


def statements(browser: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(page).status_code == 200
    return len(asked)


@pytest.mark.parametrize("who", ["guild master", "member (view alone)", "site admin"])
def test_a_thousand_members_cost_no_more_statements_than_ten(house: House, who: str) -> None:
    browser, person = house.browsers[who], house.things[house.guild]["holder"]
    crowd(house.guild, 10)
    crowd(house.guild, 2, owner=person)
    known = [page for page in pages(house) if browser.get(page).status_code == 200]
    few = {page: statements(browser, page) for page in known}
    # The person's come first by name, so that they stand on the first page.
    crowd(house.guild, 90, owner=person)
    crowd(house.guild, 900)
    for member in house.guild.memberships.select_related("character")[100:200]:
        make_job(member.character, state="FAILED", error_kind="bad_payload")
    more = {page: statements(browser, page) for page in known}
    assert {page: (few[page], more[page]) for page in known if more[page] > few[page]} == {}
    assert max(few.values()) <= 40
