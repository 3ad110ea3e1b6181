"""Signing in with Bungie alone, and connecting a Bungie account, against the sandbox's Bungie."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import SecurityEvent, User
from destiny.models import BungieAccount, DestinyMembership
from sync.destiny.jobs import BungieJob
from sync.models import BlizzardJob
from tests.battlenet import BUNGIE_CLIENT_ID, Sandbox
from tests.destiny.people import SignIn

CALLBACK = "/accounts/bungie/login/callback/"


def bungie_person(sandbox: Sandbox, name: str) -> Any:
    return next(one for one in sandbox.bungie_world()["people"] if one["name"] == name)


def test_bungie_is_asked_without_scope_and_pkce(sandbox: Sandbox, client: Client) -> None:
    address = urlsplit(client.post("/accounts/bungie/login/", {"scope": "AdvancedWriteActions"})["Location"])
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{sandbox.url}/en/OAuth/Authorize"
    assert query.keys() == {"client_id", "response_type", "redirect_uri", "state"}
    assert query["client_id"] == [BUNGIE_CLIENT_ID]
    assert query["redirect_uri"][0].endswith(CALLBACK)
    assert len(query["state"][0]) >= 16


def test_pkce_can_be_switched_on_for_the_day_on_which_bungie_offers_it(
    with_bungie: SignIn, sandbox: Sandbox, client: Client, settings: Any
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["bungie"]["OAUTH_PKCE_ENABLED"] = True
    sandbox.bungie("strict_pkce", strict=True)
    try:
        with_bungie("wanderer")
    finally:
        settings.SOCIALACCOUNT_PROVIDERS["bungie"]["OAUTH_PKCE_ENABLED"] = False
    assert "_auth_user_id" in client.session


def test_somebody_who_plays_only_destiny_signs_in_with_bungie(
    with_bungie: SignIn, sandbox: Sandbox, client: Client
) -> None:
    response = with_bungie("wanderer")
    assert response["Location"] == "/home/"
    person = bungie_person(sandbox, "wanderer")
    user = User.objects.get()
    assert (user.battlenet_id, user.has_warcraft) == (None, False)
    assert user.battletag == f"{person['bungie_name']}#{person['code']:04d}"
    account = user.bungie_account
    assert account.bungie_id == int(person["bungie_id"])
    assert account.has_fresh_token
    assert account.authorized_until is not None
    home = client.get("/home/")
    assertContains(home, "You signed in with Bungie")
    assertNotContains(home, ">Guilds<")
    assertContains(client.get("/account/"), user.battletag)
    assertContains(client.get("/account/export/"), "Export")
    event = SecurityEvent.objects.get(event=SecurityEvent.Event.SIGNED_IN)
    assert (event.user, event.details) == (user, {"with": "Bungie"})


def test_the_second_sign_in_is_the_same_user(with_bungie: SignIn) -> None:
    with_bungie("wanderer")
    first = BungieAccount.objects.get()
    with_bungie("wanderer", client=Client())
    assert User.objects.count() == SocialAccount.objects.count() == 1
    again = BungieAccount.objects.get()
    assert again.pk == first.pk
    assert again.access_token != first.access_token


def test_an_account_without_a_bungie_name_is_called_by_its_display_name(with_bungie: SignIn, client: Client) -> None:
    with_bungie("nameless")
    assert User.objects.get().battletag
    assert client.get("/home/").status_code == 200


def test_a_player_connects_a_bungie_account_and_can_sign_in_with_either(
    sign_in: Callable[..., Any], with_bungie: SignIn, client: Client
) -> None:
    sign_in("raider")
    user = User.objects.get()
    assertContains(client.get("/account/"), "Connect Bungie account")
    response = with_bungie("raider", process="connect")
    assert response["Location"] == "/account/bungie/"
    assertContains(client.get("/account/bungie/"), "Bungie account connected.")
    assert (User.objects.get(), BungieAccount.objects.get().user) == (user, user)
    assert SecurityEvent.objects.filter(event="bungie_connected", user=user).count() == 1
    jobs = BungieJob.objects.filter(account__user=user, kind=BungieJob.Kind.MEMBERSHIPS)
    assert jobs.get().priority == BungieJob.Priority.INTERACTIVE

    browser = Client()
    assert with_bungie("raider", client=browser)["Location"] == "/characters/"
    assert browser.session["_auth_user_id"] == str(user.pk)
    assert User.objects.get().battletag == user.battletag


def test_a_bungie_account_belongs_to_one_user(sign_in: Callable[..., Any], with_bungie: SignIn, client: Client) -> None:
    with_bungie("raider", client=Client())
    sign_in("officer")
    with_bungie("raider", process="connect")
    page = client.get("/account/bungie/")
    assertContains(page, "is connected with another account of this site")
    assertContains(page, "Connect Bungie account")
    assert BungieAccount.objects.get().user.battlenet_id is None


def test_a_user_has_one_bungie_account(sign_in: Callable[..., Any], with_bungie: SignIn, client: Client) -> None:
    sign_in("raider")
    with_bungie("raider", process="connect")
    with_bungie("officer", process="connect")
    assertContains(client.get("/account/bungie/"), "You have connected another Bungie account. Disconnect it first.")
    assert SocialAccount.objects.filter(provider="bungie").count() == 1


def test_disconnecting_deletes_tokens_memberships_and_jobs(
    sign_in: Callable[..., Any], with_bungie: SignIn, client: Client
) -> None:
    sign_in("raider")
    with_bungie("raider", process="connect")
    account = BungieAccount.objects.get()
    DestinyMembership.objects.create(account=account, membership_type=3, membership_id=1)
    assert client.get("/account/bungie/disconnect/").status_code == 405
    client.post("/account/bungie/disconnect/")
    assertContains(client.get("/account/bungie/"), "Bungie account disconnected.")
    assert not BungieAccount.objects.exists()
    assert not DestinyMembership.objects.exists()
    assert not BungieJob.objects.exists()
    assert not SocialAccount.objects.filter(provider="bungie").exists()
    assert SecurityEvent.objects.filter(event="bungie_disconnected").count() == 1
    with_bungie("officer", process="connect")
    assert BungieAccount.objects.get().user == User.objects.get()


def test_who_signs_in_with_bungie_alone_deletes_the_account_instead(with_bungie: SignIn, client: Client) -> None:
    with_bungie("wanderer")
    user, bungie_id = User.objects.get(), BungieAccount.objects.get().bungie_id
    client.post("/account/bungie/disconnect/")
    assertContains(client.get("/account/bungie/"), "To remove it, delete your account.")
    assert BungieAccount.objects.exists()
    assertContains(client.get("/account/delete/"), user.battletag)
    client.post("/account/delete/", {"battletag": user.battletag})
    assert not User.objects.exists()
    assert not BungieAccount.objects.exists()
    said = StringIO()
    call_command("find_deletion", str(bungie_id), "--bungie", stdout=said)
    assert said.getvalue().startswith("Deleted ")
    with pytest.raises(CommandError):
        call_command("find_deletion", str(bungie_id))


def test_the_export_contains_the_account_but_no_token(with_bungie: SignIn, client: Client) -> None:
    with_bungie("wanderer")
    account = BungieAccount.objects.get()
    document = client.post("/account/export/").content.decode()
    assert f'"bungie_id": {account.bungie_id}' in document
    assert account.access_token not in document
    assert account.refresh_token not in document


def test_a_bungie_name_is_no_battletag(with_bungie: SignIn) -> None:
    """Everybody can choose a Bungie name, also that of an officer."""
    with_bungie("wanderer")
    with pytest.raises(CommandError, match="Nobody has signed in"):
        call_command("grant_admin", User.objects.get().battletag)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?error=access_denied&state={state}", 403, "Bungie told us that you declined"),
        ("?code=unknown&state={state}", 502, "Bungie did not accept the sign-in"),
        ("?code=unknown&state=unknown", 400, "This sign-in is no longer valid"),
    ],
)
def test_what_goes_wrong_is_said_with_the_right_name(
    sandbox: Sandbox, client: Client, query: str, status: int, words: str
) -> None:
    to_bungie = client.post("/accounts/bungie/login/")
    state = parse_qs(urlsplit(to_bungie["Location"]).query)["state"][0]
    page = client.get(CALLBACK + query.format(state=state))
    assertContains(page, words, status_code=status)
    assertContains(page, "Try again with Bungie", status_code=status)
    assert not User.objects.exists()


def test_during_maintenance_nobody_is_refused_but_told_to_wait(
    with_bungie: SignIn, sandbox: Sandbox, client: Client
) -> None:
    to_bungie = client.post("/accounts/bungie/login/")
    back = requests.get(f"{to_bungie['Location']}&persona=wanderer", allow_redirects=False, timeout=10)
    sandbox.bungie("maintenance", form="json")
    address = urlsplit(back.headers["Location"])
    page = client.get(f"{address.path}?{address.query}")
    sandbox.bungie("maintenance")
    assertContains(page, "Bungie does not answer", status_code=503)


def test_a_visitor_cannot_connect(with_bungie: SignIn, client: Client) -> None:
    """Without a session, the button for connecting signs in."""
    with_bungie("wanderer", process="connect")
    assert User.objects.get().battlenet_id is None
    assert client.get("/account/bungie/").status_code == 200


def test_the_apis_address_leads_to_the_page_with_the_button(client: Client, sign_in: Callable[..., Any]) -> None:
    """A link can't sign anybody in, or connect an account: that takes a POST."""
    begin = "/api/auth/bungie/login"
    assert client.get(begin)["Location"] == "/accounts/bungie/login/"
    assertContains(client.get(begin, follow=True), "Continue to Bungie")
    assert client.post(begin).status_code == 405
    sign_in("raider")
    assert client.get(begin)["Location"] == "/account/bungie/"
    assertContains(client.get(begin, follow=True), "Connect Bungie account")


def test_the_apis_callback_leads_to_the_registered_one(sandbox: Sandbox, client: Client) -> None:
    to_bungie = client.post("/accounts/bungie/login/")
    back = requests.get(f"{to_bungie['Location']}&persona=wanderer", allow_redirects=False, timeout=10)
    query = urlsplit(back.headers["Location"]).query
    assert client.get(f"/api/auth/bungie/callback?{query}")["Location"] == f"{CALLBACK}?{query}"
    assert client.get(f"/api/auth/bungie/callback?{query}", follow=True).redirect_chain[-1][0] == "/home/"
    assert "_auth_user_id" in client.session


def test_who_began_with_bungie_connects_battlenet(
    sign_in: Callable[..., Any], with_bungie: SignIn, client: Client
) -> None:
    with_bungie("raider")
    user = User.objects.get()
    assertContains(client.get("/account/"), "Connect Battle.net account")
    assert sign_in("raider", process="connect")["Location"] == "/characters/"
    again = User.objects.get()
    assert (again.pk, again.has_warcraft, again.battletag) == (user.pk, True, "Jörunn#1734")
    assert again.battlenet_token.can_read_characters
    assert BlizzardJob.objects.filter(user=user).exists()
    assertContains(client.get("/characters/"), "Battle.net account connected.")
    event = SecurityEvent.objects.get(event="battlenet_connected")
    assert (event.user, event.actor) == (user, user)
    browser = Client()
    sign_in("raider", client=browser)
    assert browser.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == 1
    client.post("/account/bungie/disconnect/")
    assert not BungieAccount.objects.exists()


def test_a_battlenet_account_belongs_to_one_user_and_nothing_is_merged(
    sign_in: Callable[..., Any], with_bungie: SignIn, client: Client
) -> None:
    sign_in("raider", client=Client())
    with_bungie("wanderer")
    before = sorted(User.objects.values_list("pk", "battlenet_id", "battletag"))
    assert sign_in("raider", process="connect")["Location"] == "/account/"
    page = client.get("/account/")
    assertContains(page, "This Battle.net account has an account of its own on this site")
    assertContains(page, "Connect Battle.net account")
    assert sorted(User.objects.values_list("pk", "battlenet_id", "battletag")) == before
    assert not SecurityEvent.objects.filter(event="battlenet_connected").exists()


def test_a_user_has_one_battlenet_account(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("raider")
    sign_in("officer", process="connect")
    assertContains(client.get("/account/"), "You sign in with another Battle.net account already.")
    assert [one.battletag for one in User.objects.all()] == ["Jörunn#1734"]
