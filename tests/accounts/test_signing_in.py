"""Signing in with Battle.net, from start to finish."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import BattlenetToken, User
from sync.models import BlizzardJob
from tests.accounts.oauth_flow import consent, is_signed_in, start_sign_in
from tests.battlenet import Sandbox
from tests.html import text_of

pytestmark = pytest.mark.django_db

SignIn = Callable[..., Any]


@pytest.mark.smoke
def test_a_new_user_is_identified_by_the_battlenet_id(sign_in: SignIn, sandbox: Sandbox, client: Client) -> None:
    response = sign_in("guildmaster")
    persona = sandbox.persona("guildmaster")
    user = User.objects.get()
    assert (user.battlenet_id, user.battletag) == (persona["battlenet_id"], persona["battletag"])
    assert response["Location"] == "/characters/"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.smoke
def test_a_new_user_is_still_signed_in_on_the_next_request(sign_in: SignIn, client: Client) -> None:
    sign_in("newcomer")
    assert is_signed_in(client)
    assert "Hazelmere" in text_of(client.get("/account/"))


def test_the_session_key_changes_at_sign_in(sandbox: Sandbox, client: Client) -> None:
    back = consent(start_sign_in(client))
    before = client.session.session_key
    client.get(back)
    assert before is not None
    assert client.session.session_key != before
    assert not Client(headers={"cookie": f"sessionid={before}"}).session.get("_auth_user_id")


@pytest.mark.smoke
def test_signing_in_starts_the_sync(sign_in: SignIn) -> None:
    sign_in("raider")
    jobs = BlizzardJob.objects.filter(user__battletag="Jörunn#1734").values_list("region", "state")
    assert dict(jobs) == dict.fromkeys(("us", "eu", "kr", "tw"), BlizzardJob.State.DUE)


def test_the_token_stores_the_granted_scopes(sign_in: SignIn) -> None:
    sign_in("raider")
    sign_in("unticker", client=Client())
    shares = {token.user.battletag.partition("#")[0]: token.shares_characters for token in BattlenetToken.objects.all()}
    assert shares == {"Jörunn": True, "Élodwin": False}


def test_unticking_the_box_signs_in_and_says_what_is_missing(sign_in: SignIn, client: Client) -> None:
    sign_in("unticker")
    page = client.get("/characters/")
    assert page.status_code == 200
    assert "Battle.net did not share your characters" in text_of(page)


def test_letters_outside_ascii_survive(sign_in: SignIn, client: Client) -> None:
    sign_in("raider")
    assert User.objects.get().battletag == "Jörunn#1734"
    assert "Jörunn#1734" in text_of(client.get("/account/"))


def test_a_changed_battletag_updates_the_same_user(sign_in: SignIn, sandbox: Sandbox) -> None:
    sign_in("social")
    before = User.objects.get()
    sandbox.mutate("battletag", persona="social", battletag="Крошка#2151")
    sign_in("social", client=Client())
    after = User.objects.get()
    assert (after.pk, after.battletag) == (before.pk, "Крошка#2151")


def test_a_freed_battletag_can_belong_to_another_user(sign_in: SignIn, sandbox: Sandbox) -> None:
    sign_in("social")
    sandbox.mutate("battletag", persona="social", battletag="Gravel#1")
    sandbox.mutate("battletag", persona="newcomer", battletag="Pebblecup#11902")
    sign_in("newcomer", client=Client())
    assert User.objects.filter(battletag="Pebblecup#11902").count() == 2


def test_the_user_is_found_when_allauths_row_is_missing(sign_in: SignIn) -> None:
    sign_in("officer")
    known = User.objects.get()
    SocialAccount.objects.all().delete()
    client = Client()
    sign_in("officer", client=client)
    assert User.objects.get() == known
    assert SocialAccount.objects.get().user == known
    assert is_signed_in(client)


def test_signing_in_again_replaces_the_token(sign_in: SignIn) -> None:
    sign_in("officer")
    first = BattlenetToken.objects.get()
    sign_in("officer")
    second = BattlenetToken.objects.get()
    assert second.pk == first.pk
    assert second.access_token != first.access_token
    assert second.expires_at > timezone.now()


def test_signing_in_as_another_user_replaces_the_first(sign_in: SignIn, client: Client) -> None:
    sign_in("officer")
    sign_in("social")
    page = text_of(client.get("/account/"))
    assert "Pebblecup#11902" in page
    assert "Morwick" not in page


def test_signing_out_ends_the_session_for_good(sign_in: SignIn, client: Client) -> None:
    sign_in("officer")
    cookie = client.cookies["sessionid"].value
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not is_signed_in(client)
    assert not is_signed_in(Client(headers={"cookie": f"sessionid={cookie}"}))


@pytest.mark.django_db(transaction=True)
def test_two_browsers_sign_in_the_same_new_user_at_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look up the user before either has created it."""
    together = threading.Barrier(2, timeout=10)
    look_up = SocialLogin.lookup

    def look_up_in_parallel(login: SocialLogin) -> None:
        look_up(login)
        together.wait()

    monkeypatch.setattr(SocialLogin, "lookup", look_up_in_parallel)
    # No worker of another test shall write while this one empties the database.
    monkeypatch.setattr("celery.Celery.send_task", lambda app, name, args, **options: None)
    browsers = [Client(), Client()]
    ways_back = [consent(start_sign_in(browser), "newcomer") for browser in browsers]
    answers: list[Any] = []

    def return_from_battlenet(browser: Client, way_back: str) -> None:
        try:
            answers.append(browser.get(way_back))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=return_from_battlenet, args=pair) for pair in zip(browsers, ways_back, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [getattr(answer, "status_code", answer) for answer in answers] == [302, 302]
    assert User.objects.get().battletag == "Hazelmere#2291"
    assert SocialAccount.objects.count() == BattlenetToken.objects.count() == 1
    assert BlizzardJob.objects.count() == 4, "one for each region"
    assert all(is_signed_in(browser) for browser in browsers)


def test_a_closed_account_gets_an_error_page_and_no_session(sign_in: SignIn, sandbox: Sandbox, client: Client) -> None:
    persona = sandbox.persona("social")
    User.objects.create_user(persona["battlenet_id"], persona["battletag"], is_active=False)
    response = sign_in("social")
    page = client.get(response["Location"])
    assert page.status_code == 403
    assert "This account is closed" in text_of(page)
    assert not is_signed_in(client)
    assert not BattlenetToken.objects.exists()


def test_closing_an_account_ends_its_sessions(sign_in: SignIn, client: Client) -> None:
    sign_in("social")
    User.objects.update(is_active=False)
    assert not is_signed_in(client)
