"""Signing in with Battle.net, all the way there and back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import BattlenetToken, User
from tests.battlenet import Sandbox

pytestmark = pytest.mark.django_db


def test_guild_master_signs_in_and_is_known_by_the_battlenet_id(
    sign_in: Callable[..., Any], sandbox: Sandbox, client: Client
) -> None:
    response = sign_in("guildmaster")
    persona = sandbox.persona("guildmaster")
    user = User.objects.get()
    assert (user.battlenet_id, user.battletag) == (persona["battlenet_id"], persona["battletag"])
    assert response["Location"] == "/characters/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_token_keeps_the_scopes_that_were_really_granted(sign_in: Callable[..., Any]) -> None:
    sign_in("raider")
    sign_in("unticker", client=Client())
    shares = {token.user.battletag.partition("#")[0]: token.shares_characters for token in BattlenetToken.objects.all()}
    assert shares == {"Jörunn": True, "Élodwin": False}
