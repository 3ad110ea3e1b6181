"""The demo's players of both games: connected at the first start, with new tokens at later ones."""

import pytest

from accounts.models import User
from demo.bungie import PLAYERS, connect_players
from destiny.accounts import disconnect
from destiny.models import BungieAccount
from sync.destiny.jobs import BungieJob
from tests.battlenet import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_they_are_connected_once_and_get_new_tokens_later(sandbox: Sandbox) -> None:
    known = {one["name"]: one["battlenet_id"] for one in sandbox.world()["personas"]}
    assert {name: known[name] for name in PLAYERS} == PLAYERS
    users = {name: User.objects.create_user(number, f"{name}#1") for name, number in PLAYERS.items()}
    assert connect_players(sandbox.url) == len(PLAYERS)
    master = BungieAccount.objects.get(user=users["guildmaster"])
    assert (master.name, master.is_connected) == ("Thistledown#2764", True)
    assert BungieJob.objects.get(account=master, kind=BungieJob.Kind.MEMBERSHIPS).is_busy

    disconnect(user=users["raider"])
    sandbox.bungie("tokens/forget")
    assert connect_players(sandbox.url) == len(PLAYERS) - 1
    again = BungieAccount.objects.get(user=users["guildmaster"])
    assert (again.pk, again.access_token != master.access_token) == (master.pk, True)
    assert not BungieAccount.objects.filter(user=users["raider"]).exists()
