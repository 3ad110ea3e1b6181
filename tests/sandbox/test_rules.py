"""Rules of the game API: tokens, namespaces, locales, headers, conditional requests."""

import re

import pytest

from tests.sandbox.client import Client, address, character_path

GUILD = "/data/wow/guild/tarn-hollow/gravel-orchard"
NOT_FOUND = {"code": 404, "type": "BLZWEBAPI00000404", "detail": "Not Found"}


def test_a_request_without_a_known_token_is_401(sandbox: Client) -> None:
    assert sandbox.get(GUILD, headers={"Battlenet-Namespace": "profile-eu"}).status_code == 401
    assert sandbox.api(GUILD, token="EU123").status_code == 401


def test_a_token_in_the_query_is_an_empty_404(sandbox: Client) -> None:
    answer = sandbox.get(f"{GUILD}?namespace=profile-eu&access_token={sandbox.app_token()}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_missing_namespace_is_403(sandbox: Client) -> None:
    answer = sandbox.api(GUILD, None)
    assert answer.status_code == 403
    assert answer.json() == {"code": 403, "type": "BLZWEBAPI00000403", "detail": "Forbidden"}


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/data/wow/realm/index", "static-eu"),
        (GUILD, "dynamic-eu"),
        ("/data/wow/playable-class/index", "profile-eu"),
        (GUILD, "profile-classic-eu"),
        (GUILD, "profile-xx"),
    ],
)
def test_the_wrong_kind_of_namespace_is_404(sandbox: Client, path: str, wrong: str) -> None:
    answer = sandbox.api(path, wrong)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_the_namespace_can_be_in_the_query(sandbox: Client) -> None:
    assert sandbox.api(f"{GUILD}?namespace=profile-eu", None).status_code == 200


def test_a_region_prefix_must_match_the_namespace(sandbox: Client) -> None:
    assert sandbox.api(f"/eu{GUILD}").json() == sandbox.api(GUILD).json()
    disagreeing = sandbox.api(f"/us{GUILD}")
    assert (disagreeing.status_code, disagreeing.content) == (404, b"")


def test_an_unknown_path_is_an_empty_404(sandbox: Client) -> None:
    answer = sandbox.summary(sandbox.member(), "/media")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["/data/wow/guild/tarn-hollow/no-such-guild", "/profile/wow/character/tarn-hollow/q"])
def test_missing_data_is_a_404_of_60_bytes_with_json(sandbox: Client, path: str) -> None:
    answer = sandbox.api(path)
    assert (answer.status_code, answer.json(), len(answer.content)) == (404, NOT_FOUND, 60)
    assert answer.headers["Battlenet-Namespace"] == "profile-eu"
    assert not {"Last-Modified", "Cache-Control", "Battlenet-Schema"} & set(answer.headers)


def test_names_are_lower_case_with_their_accents(sandbox: Client) -> None:
    members = sandbox.demo_guild()["members"]
    accented = next(m for m in members if not m["name"].isascii() and m["profile"] == 200)
    assert sandbox.summary(accented).json()["name"] == accented["name"]
    capital = character_path(accented).replace(accented["name"].lower(), accented["name"])
    assert sandbox.api(capital).status_code == 404


@pytest.mark.parametrize(
    ("path", "namespace", "name"),
    [
        ("/data/wow/guild/severny-brod/янтарный-улей", "profile-eu", "Янтарный Улей"),
        ("/data/wow/guild/veillée-dardoise/étoile-grise", "profile-eu", "Étoile Grise"),
        ("/data/wow/guild/eunbitnaru/달빛-목공소", "profile-kr", "달빛 목공소"),
    ],
)
def test_guilds_are_found_in_every_script(sandbox: Client, path: str, namespace: str, name: str) -> None:
    document = sandbox.api(path, namespace).json()
    assert document["name"] == name
    link = document["roster"]["href"].removeprefix(sandbox.base_url)
    assert link.isascii()
    assert sandbox.api(link, None).status_code == 200


def test_a_locale_makes_names_strings_and_none_makes_them_objects(sandbox: Client) -> None:
    path = "/data/wow/playable-class/1"
    assert sandbox.api(path, "static-eu", locale="EN_gb").json()["name"] == "Warrior"
    names = sandbox.api(path, "static-eu", locale=None).json()["name"]
    assert len(names) == 12
    assert names["en_US"] == "Warrior"
    assert sandbox.api(path, "static-eu", locale="de_de").json()["name"] == names["de_DE"] != "Warrior"


def test_an_unknown_locale_is_404(sandbox: Client) -> None:
    assert sandbox.api("/data/wow/playable-class/1", "static-eu", locale="xx_XX").status_code == 404


def test_names_of_characters_and_guilds_are_always_strings(sandbox: Client) -> None:
    member = sandbox.member()
    document = sandbox.summary(member, locale=None).json()
    assert document["name"] == member["name"]
    assert document["guild"]["name"] == "Gravel Orchard"
    assert isinstance(document["realm"]["name"], dict)


def test_a_russian_realm_has_a_name_of_its_own(sandbox: Client) -> None:
    path = "/data/wow/realm/severny-brod"
    assert sandbox.api(path, "dynamic-eu", locale="ru_RU").json()["name"] == "Северный Брод"
    assert sandbox.api(path, "dynamic-eu", locale="en_GB").json()["name"] == "Severny Brod"


@pytest.mark.parametrize(
    ("path", "namespace", "cached"),
    [
        ("/data/wow/playable-race/index", "static-eu", "public, max-age=86400"),
        ("/data/wow/realm/index", "dynamic-eu", "public, max-age=86400"),
        ("/data/wow/connected-realm/1902", "dynamic-eu", "public, max-age=30"),
        (f"{GUILD}/roster", "profile-eu", "public, max-age=10800"),
    ],
)
def test_documents_have_a_cache_lifetime(sandbox: Client, path: str, namespace: str, cached: str) -> None:
    answer = sandbox.api(path, namespace)
    assert answer.headers["Cache-Control"] == cached
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["x-trace-traceid"]


def test_characters_have_no_cache_lifetime(sandbox: Client) -> None:
    assert "Cache-Control" not in sandbox.summary(sandbox.member()).headers


def test_static_namespaces_are_resolved_to_a_build(sandbox: Client) -> None:
    answer = sandbox.api("/data/wow/playable-class/index", "static-eu")
    namespace = answer.headers["Battlenet-Namespace"]
    assert re.fullmatch(r"static-12\.1\.0_\d+-eu", namespace)
    assert answer.json()["classes"][0]["key"]["href"].endswith(f"?namespace={namespace}")
    assert sandbox.api("/data/wow/playable-class/1", namespace).status_code == 200


def test_a_date_has_no_padding(sandbox: Client) -> None:
    member = sandbox.member()
    sandbox.mutate("login", **address(member))
    # The world begins on 2 June 2025, and its clock has hardly advanced.
    assert sandbox.summary(member).headers["Last-Modified"].startswith("Mon, 2 Jun 2025 00:00:")


@pytest.mark.parametrize("pad", [str, lambda day: day.zfill(2)])
def test_an_unchanged_document_is_an_empty_304(sandbox: Client, pad: type[str]) -> None:
    member = sandbox.member()
    sandbox.mutate("login", **address(member))
    weekday, day, rest = sandbox.summary(member).headers["Last-Modified"].split(" ", 2)
    since = {"If-Modified-Since": f"{weekday} {pad(day)} {rest}"}
    answer = sandbox.summary(member, headers=since)
    assert (answer.status_code, answer.content) == (304, b"")
    sandbox.mutate("login", **address(member))
    assert sandbox.summary(member, headers=since).status_code == 200


def test_an_invalid_date_is_ignored(sandbox: Client) -> None:
    assert sandbox.summary(sandbox.member(), headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_all_documents_of_a_character_share_a_snapshot_but_the_media(sandbox: Client) -> None:
    member = sandbox.member()
    documents = ("", "/status", "/specializations", "/equipment", "/mythic-keystone-profile", "/encounters/raids")
    dates = {sandbox.summary(member, document).headers["Last-Modified"] for document in documents}
    assert len(dates) == 1
    assert sandbox.summary(member, "/character-media").headers["Last-Modified"] not in dates


def test_a_guilds_documents_share_a_snapshot(sandbox: Client) -> None:
    dates = {sandbox.api(GUILD + document).headers["Last-Modified"] for document in ("", "/roster", "/activity")}
    assert len(dates) == 1


def test_only_get_is_allowed(sandbox: Client) -> None:
    headers = {"Authorization": f"Bearer {sandbox.app_token()}", "Battlenet-Namespace": "profile-eu"}
    assert sandbox.post(GUILD, headers=headers).status_code == 405
