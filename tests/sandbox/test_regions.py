"""Other regions: realms, names and characters of Korea and Taiwan, and accounts there."""

import pytest

from tests.sandbox.client import Client

ACCOUNT = "/profile/user/wow"
HANGUL, HAN = ("가", "힣"), ("一", "鿿")


@pytest.mark.parametrize(
    ("region", "locale", "alphabet", "human", "warrior"),
    [("kr", "ko_KR", HANGUL, "인간", "전사"), ("tw", "zh_TW", HAN, "人類", "戰士")],
)
def test_a_region_has_names_in_its_own_script(
    sandbox: Client, region: str, locale: str, alphabet: tuple[str, str], human: str, warrior: str
) -> None:
    own = sandbox.api("/data/wow/realm/index", f"dynamic-{region}", locale=locale).json()["realms"]
    english = sandbox.api("/data/wow/realm/index", f"dynamic-{region}").json()["realms"]
    assert all(alphabet[0] <= letter <= alphabet[1] for realm in own for letter in realm["name"])
    assert all(realm["name"].isascii() and realm["slug"].isascii() for realm in english)
    assert [realm["slug"] for realm in own] == [realm["slug"] for realm in english]
    detail = sandbox.api(f"/data/wow/realm/{own[0]['slug']}", f"dynamic-{region}").json()
    assert detail["locale"] == locale.replace("_", "")
    assert sandbox.api("/data/wow/playable-race/1", f"static-{region}", locale=locale).json()["name"] == human
    assert sandbox.api("/data/wow/playable-class/1", f"static-{region}", locale=locale).json()["name"] == warrior


@pytest.mark.parametrize(("region", "alphabet"), [("kr", HANGUL), ("tw", HAN)])
def test_a_persona_can_play_in_another_region(sandbox: Client, region: str, alphabet: tuple[str, str]) -> None:
    event = sandbox.mutate("play_in_region", persona="social", region=region, characters=6)
    assert len(event["characters"]) == 6
    document = sandbox.api(ACCOUNT, f"profile-{region}", token=sandbox.sign_in("social")).json()
    (wow_account,) = document["wow_accounts"]
    assert len(wow_account["characters"]) == 6
    guilds = set()
    for one in wow_account["characters"]:
        assert all(alphabet[0] <= letter <= alphabet[1] for letter in one["name"])
        summary = sandbox.api(one["character"]["href"].removeprefix(sandbox.base_url), None).json()
        assert summary["id"] == one["id"]
        guilds.add(summary.get("guild", {}).get("name"))
    assert len(guilds) == 2
    assert None in guilds


def test_the_same_characters_are_created_each_time(sandbox: Client) -> None:
    mutation = {"persona": "social", "region": "kr"}
    first = sandbox.mutate("play_in_region", **mutation)
    sandbox.control("reset", {"world": True})
    assert sandbox.mutate("play_in_region", **mutation) == first


def test_an_account_can_be_missing_in_a_region(sandbox: Client) -> None:
    token = sandbox.sign_in("raider")
    sandbox.mutate("account_missing", persona="raider", region="us")
    answer = sandbox.api(ACCOUNT, "profile-us", token=token)
    assert (answer.status_code, answer.json()["type"]) == (404, "BLZWEBAPI00000404")
    assert sandbox.api(ACCOUNT, "profile-eu", token=token).status_code == 200
    sandbox.mutate("account_missing", persona="raider", region="us", missing=False)
    assert sandbox.api(ACCOUNT, "profile-us", token=token).status_code == 200


@pytest.mark.parametrize(
    "mutation",
    [
        {"action": "play_in_region", "persona": "social", "region": "cn"},
        {"action": "play_in_region", "persona": "social", "region": "eu"},
        {"action": "play_in_region", "persona": "social", "region": "kr", "characters": 0},
        {"action": "account_missing", "persona": "social", "region": "cn"},
    ],
)
def test_an_invalid_mutation_is_refused(sandbox: Client, mutation: dict[str, object]) -> None:
    assert sandbox.post("/_sandbox/mutate", json=mutation).status_code == 400
