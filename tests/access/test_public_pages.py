"""Pages that strangers can open in a guild whose visibility is "everybody"."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse

from guilds.access import GuildAddress, guild_or_404
from guilds.models import Guild, Visibility
from tests.access import addresses
from tests.access.rows import arguments
from tests.access.test_access import known_of
from tests.access.two_guilds import TwoGuilds

PUBLIC_PAGES = {"guilds:overview", "guilds:roster", "guilds:timeline"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_guilds(two_guilds: TwoGuilds) -> TwoGuilds:
    """The first guild is visible to everybody."""
    two_guilds.guild.visibility = Visibility.EVERYBODY
    two_guilds.guild.save()
    return two_guilds


@pytest.mark.parametrize("who", ["not signed in", "outsider", "officer of another guild"])
def test_strangers_can_open_three_pages_of_a_guild_that_is_visible_to_everybody(
    two_guilds: TwoGuilds, who: str
) -> None:
    values = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])
    of_guilds = {name: known for name in addresses.names() if "address" in (known := known_of(name, values))}
    assert set(of_guilds) > PUBLIC_PAGES
    browser: Client = two_guilds.browsers[who]
    opened = {name for name, known in of_guilds.items() if browser.get(reverse(name, kwargs=known)).status_code == 200}
    assert opened == PUBLIC_PAGES


def test_a_page_is_private_by_default(two_guilds: TwoGuilds) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    address = GuildAddress(two_guilds.guild.region, two_guilds.guild.realm.slug, two_guilds.guild.slug)
    with pytest.raises(Http404):
        guild_or_404(request, address, "guilds.view")
    found: Guild = guild_or_404(request, address, "guilds.view", public=True)
    assert found == two_guilds.guild
    with pytest.raises(Http404):
        guild_or_404(request, address, "guilds.manage_roster", public=True)
