"""The client sends correct requests to Battle.net, and parses the responses."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from django.conf import settings

from sync.blizzard.client import BlizzardClient, Credentials
from sync.engine.errors import ApplicationRefused, BadPayload
from sync.engine.http import Transport
from sync.engine.rate_limiter import Lane
from sync.wow.provider import blizzard, client_for
from tests.battlenet import CLIENT_ID, CLIENT_SECRET, Sandbox
from tests.stack import PATIENCE

GUILD = ("eu", "tarn-hollow", "gravel-orchard")
ODD_GUILDS = [
    ("eu", "severny-brod", "янтарный-улей", "Янтарный Улей"),
    ("eu", "veillée-dardoise", "étoile-grise", "Étoile Grise"),
    ("kr", "eunbitnaru", "달빛-목공소", "달빛 목공소"),
    ("tw", "mistwick-vale", "霧中茶館", "霧中茶館"),
]


def member(sandbox: Sandbox, **wanted: Any) -> Any:
    """Return a member of the demo guild with a profile and the given properties."""
    wanted = {"profile": 200, **wanted}
    return next(
        one for one in sandbox.members(sandbox.demo_guild()) if all(one[key] == value for key, value in wanted.items())
    )


def test_every_endpoint_uses_its_own_namespace(
    battlenet: BlizzardClient, sandbox: Sandbox, token_of: Callable[[str], tuple[str, list[str]]]
) -> None:
    token, _ = token_of("raider")
    one = member(sandbox)
    battlenet.account_profile("eu", user_token=token)
    battlenet.account_mounts("eu", user_token=token)
    battlenet.account_toys("eu", user_token=token)
    battlenet.character("eu", one["realm_slug"], one["name"])
    battlenet.character_status("eu", one["realm_slug"], one["name"])
    battlenet.guild(*GUILD)
    battlenet.guild_roster(*GUILD)
    battlenet.playable_classes("eu")
    battlenet.playable_race("eu", battlenet.playable_races("eu")[0].id)
    battlenet.specialization("eu", battlenet.specializations("eu")[0].id)
    battlenet.realms("eu")
    battlenet.connected_realm("eu", battlenet.connected_realm_ids("eu")[0])
    stats = sandbox.stats()
    # Like Battle.net, the sandbox answers 403 or 404 to a wrong namespace, and 401 to a wrong token.
    assert stats["by_status"] == {"200": 15}
    assert set(stats["by_endpoint"].values()) == {1}
    assert stats["oauth"]["token 200"] == 2  # the raider's, and an application token for the others


def test_the_region_is_used_in_namespace_and_host(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    by_region = {region: {realm.slug for realm in battlenet.realms(region)} for region in ("us", "eu", "kr", "tw")}
    assert "tarn-hollow" in by_region["eu"]
    assert "eunbitnaru" in by_region["kr"]
    assert sum(map(len, by_region.values())) == len(set.union(*by_region.values()))


def test_hosts_of_regions_are_built_from_the_url(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BLIZZARD_API_URL", f"{sandbox.url}/{{region}}")
    client_for.cache_clear()
    assert client_for(Lane.INTERACTIVE).guild("us", "copper-fen", "tin-meridian").name == "Tin Meridian"


def test_names_use_the_configured_locale(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {}
    for locale in ("en_US", "ru_RU"):
        monkeypatch.setattr(settings, "BLIZZARD_API_LOCALE", locale)
        client_for.cache_clear()
        names[locale] = {realm.slug: realm.name for realm in client_for(Lane.INTERACTIVE).realms("eu")}["severny-brod"]
    assert names["en_US"].isascii()
    assert not names["ru_RU"].isascii()


@pytest.mark.parametrize(("region", "realm_slug", "slug", "name"), ODD_GUILDS)
def test_guilds_and_characters_in_every_script_are_found(
    battlenet: BlizzardClient, sandbox: Sandbox, region: str, realm_slug: str, slug: str, name: str
) -> None:
    assert battlenet.guild(region, realm_slug, slug).name == name
    members = sandbox.members({"region": region, "realm_slug": realm_slug, "slug": slug})
    foreign = [one for one in members if one["profile"] == 200 and not one["name"].isascii()][:3]
    assert foreign
    for one in foreign:
        assert battlenet.character_status(region, one["realm_slug"], one["name"]).id == one["id"]


def test_names_are_not_case_sensitive(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    accented = next(
        one for one in sandbox.members(sandbox.demo_guild()) if one["profile"] == 200 and not one["name"].isascii()
    )
    answer = battlenet.character("eu", accented["realm_slug"], accented["name"].upper()).payload
    assert answer is not None
    assert (answer.id, answer.name) == (accented["id"], accented["name"])


def test_unchanged_documents_are_304_despite_unpadded_days(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    single_digit = next(
        one
        for one in sandbox.members(sandbox.demo_guild())
        if one["profile"] == 200 and datetime.fromtimestamp(one["last_login_timestamp"] / 1000, tz=UTC).day < 10
    )
    first = battlenet.character("eu", single_digit["realm_slug"], single_digit["name"])
    assert first.payload is not None
    assert first.last_modified == first.payload.last_login_at
    again = battlenet.character("eu", single_digit["realm_slug"], single_digit["name"], since=first.last_modified)
    assert (again.payload, again.last_modified) == (None, first.last_modified)
    sandbox.mutate("login", **{key: single_digit[key] for key in ("region", "realm_slug", "name")})
    news = battlenet.character("eu", single_digit["realm_slug"], single_digit["name"], since=first.last_modified)
    assert news.payload is not None
    assert sandbox.stats()["by_status"] == {"200": 2, "304": 1}


@responses.activate
@pytest.mark.parametrize("header", ["Sat, 7 Mar 2020 09:41:14 GMT", "Sat, 07 Mar 2020 09:41:14 GMT"])
def test_padded_and_unpadded_days_are_equal(battlenet: BlizzardClient, header: str) -> None:
    answer_with({"Last-Modified": header})
    assert battlenet.guild_roster(*GUILD).last_modified == datetime(2020, 3, 7, 9, 41, 14, tzinfo=UTC)


@responses.activate
@pytest.mark.parametrize("header", ["", "yesterday", "Sat, 99 Mar 2020 09:41:14 GMT"])
def test_an_invalid_last_modified_is_none(battlenet: BlizzardClient, header: str) -> None:
    answer_with({"Last-Modified": header})
    assert battlenet.guild_roster(*GUILD).last_modified is None


@responses.activate
def test_an_unrequested_304_is_a_bad_payload(battlenet: BlizzardClient) -> None:
    answer_with({}, status=304)
    with pytest.raises(BadPayload):
        battlenet.guild(*GUILD)


def answer_with(headers: dict[str, str], *, status: int = 200) -> None:
    """Respond with an empty roster and headers that the sandbox does not send."""
    guild = {"id": 1, "name": "Gravel Orchard", "realm": {"id": 3701, "slug": "tarn-hollow"}}
    url = settings.BLIZZARD_API_URL
    responses.post(f"{url}/token", json={"access_token": "application-token", "expires_in": 86_399})
    path = "/data/wow/guild/tarn-hollow/gravel-orchard"
    responses.get(f"{url}{path}/roster", json={"guild": guild, "members": []}, headers=headers, status=status)
    responses.get(f"{url}{path}", status=status, headers=headers)


def test_an_application_token_that_expired_early_is_replaced_silently(
    battlenet: BlizzardClient, sandbox: Sandbox
) -> None:
    battlenet.realms("eu")
    sandbox.reset(world=True)  # removes all tokens
    assert battlenet.realms("eu")
    assert sandbox.stats()["by_status"] == {"200": 1, "401": 1}
    assert sandbox.stats()["oauth"] == {"token 200": 1}


def test_a_refused_new_application_token_is_an_error(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    sandbox.fault(path="/data/wow/realm/", status=401)
    with pytest.raises(ApplicationRefused) as raised:
        battlenet.realms("eu")
    assert (raised.value.status, raised.value.where) == (401, "/data/wow/realm/index")
    assert sandbox.stats()["requests"] == 2
    sandbox.clear_faults()
    assert battlenet.realms("eu")


def test_wrong_credentials_are_not_a_missing_character(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    one = member(sandbox)
    monkeypatch.setattr(settings, "BLIZZARD_CLIENT_SECRET", "wrong-secret")
    client_for.cache_clear()
    with pytest.raises(ApplicationRefused, match=r"/token.*id and secret"):
        client_for(Lane.INTERACTIVE).character("eu", one["realm_slug"], one["name"])
    monkeypatch.setattr(settings, "BLIZZARD_OAUTH_URL", f"{sandbox.url}/nowhere")
    client_for.cache_clear()
    with pytest.raises(ApplicationRefused, match="/token"):
        client_for(Lane.INTERACTIVE).character("eu", one["realm_slug"], one["name"])
    assert sandbox.stats()["by_endpoint"].keys() <= {"unknown"}


def test_one_token_serves_all_threads(battlenet: BlizzardClient, sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: battlenet.realms("eu"), range(24)))
    assert sandbox.stats()["oauth"] == {"token 200": 1}
    assert battlenet.requests == 25


def test_a_netrc_file_does_not_replace_our_token(
    battlenet: BlizzardClient, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth("http://127.0.0.1/") == ("somebody", "else")
    assert battlenet.realms("eu")


def test_a_thread_that_waits_for_the_application_token_gives_its_database_connection_back(sandbox: Sandbox) -> None:
    """The thread that fetches the token may need it."""
    released = threading.Event()
    client = BlizzardClient(
        credentials=Credentials(CLIENT_ID, CLIENT_SECRET),
        oauth_url=sandbox.url,
        api_url=sandbox.url,
        locale="en_US",
        transport=Transport(
            limiter=blizzard().rate_limiter(Lane.INTERACTIVE), longest_wait=30, before_waiting=released.set
        ),
    )
    waiting = threading.Thread(target=client.realms, args=("eu",))
    with client._application_token._lock:  # another thread fetches it
        waiting.start()
        assert released.wait(PATIENCE)
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
