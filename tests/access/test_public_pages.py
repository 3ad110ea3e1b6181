"""Which pages of a guild that is open to everybody are open to everybody."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse

from guilds.access import guild_or_404
from guilds.addresses import GuildAddress
from guilds.models import Guild, Visibility
from tests.access import addresses
from tests.access.people import House, build_house
from tests.access.rows import arguments
from tests.access.test_access import known_of
from tests.battlenet import Sandbox

PUBLIC_PAGES = {"guilds:overview", "guilds:roster", "guilds:timeline"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def house(sandbox: Sandbox) -> House:
    house = build_house()
    house.guild.visibility = Visibility.EVERYBODY
    house.guild.save()
    return house


@pytest.mark.parametrize("who", ["not signed in", "outsider", "officer of another guild"])
def test_strangers_see_three_pages_of_an_open_guild_and_no_others(house: House, who: str) -> None:
    values = arguments(house.guild, house.things[house.guild])
    of_guilds = {name: known for name in addresses.names() if "address" in (known := known_of(name, values))}
    assert set(of_guilds) > PUBLIC_PAGES
    browser: Client = house.browsers[who]
    opened = {name for name, known in of_guilds.items() if browser.get(reverse(name, kwargs=known)).status_code == 200}
    assert opened == PUBLIC_PAGES


def test_a_page_is_private_unless_it_says_otherwise(house: House) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    address = GuildAddress(house.guild.region, house.guild.realm.slug, house.guild.slug)
    with pytest.raises(Http404):
        guild_or_404(request, address, "guilds.view")
    found: Guild = guild_or_404(request, address, "guilds.view", public=True)
    assert found == house.guild
    with pytest.raises(Http404):
        guild_or_404(request, address, "guilds.manage_roster", public=True)
