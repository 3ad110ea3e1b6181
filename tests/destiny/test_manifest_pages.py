"""Looking definitions up: by name in the reader's language, by hash in either form, and what their pages say."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from destiny.manifest.models import Edition
from destiny.manifest.readers import Manifest, open_manifest
from destiny.manifest.search import search
from destiny.manifest.words import search_query, search_vector
from tests.destiny.content_files import BUCKETS, GLASS_MOTH, ITEMS, KINETIC, THORN_CROWN, VESPER, named, tables
from tests.destiny.editions import load_edition
from tests.html import text_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STATS, TALL, PLUGS = "DestinyStatDefinition", 5_000, "DestinyPlugSetDefinition"


@pytest.fixture
def edition(db: None, settings: Any) -> Edition:
    settings.DESTINY_ENABLED = True
    english, french = tables("en"), tables("fr")
    english[STATS][TALL] = named("Tallness")
    english[PLUGS] = {7: {"reusablePlugItems": []}}
    english[ITEMS][VESPER] |= {
        "flavorText": "<b>No promise</b> is kept twice.",
        "stats": {"stats": {"10004": {"statHash": 10_004, "value": 40}, str(TALL): {"statHash": TALL, "value": 7}}},
        "sockets": {"socketEntries": [{"reusablePlugSetHash": 7, "singleInitialItemHash": THORN_CROWN}] * 2},
    }
    japanese = tables("en")
    japanese[ITEMS] = {VESPER: named("夜想の誓い", inventory={"bucketTypeHash": KINETIC})}
    return load_edition({"en": english, "fr": french, "ja": japanese})


def manifest_in(language: str) -> Manifest:
    opened = open_manifest(language)
    assert opened is not None
    return opened


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "vesp", ["Vesper's Oath"]),
        ("en", "OATH vesper", ["Vesper's Oath"]),
        ("en", "vespers", ["Vesper's Oath"]),
        ("en", "moth glass", ["Glass Moth"]),
        ("en", "t", ["Tallness", "Thorn Crown"]),
        ("en", "esper", []),
        ("en", "", []),
        ("en", "'; DROP TABLE --", []),
        ("fr", "eventail", ["Serment de l'Éventail"]),
        ("fr", "ÉPINES", ["Couronne d'épines"]),
        ("fr", "thorn", []),
        ("ja", "誓い", ["夜想の誓い"]),
        ("en", str(GLASS_MOTH), ["Glass Moth"]),
        ("en", "-1", ["Glass Moth"]),
        ("en", str(VESPER - 2**32), ["Vesper's Oath"]),
        ("en", "activities cl", ["Activities cleared"]),
    ],
)
def test_definitions_are_found_in_the_readers_language(
    edition: Edition, language: str, text: str, found: list[str]
) -> None:
    assert [one.name for one in search(manifest_in(language), text)] == found


def test_the_search_can_be_limited_to_a_kind(edition: Edition) -> None:
    assert [one.name for one in search(manifest_in("en"), "t", STATS)] == ["Tallness"]


def test_words_are_folded_and_quoted() -> None:
    assert search_vector("L'Éclat, d'ombre") == "'d' 'dombre' 'eclat' 'l' 'leclat' 'ombre'"
    assert search_vector("—") is None
    assert search_query("Éclat 'x") == "'eclat':* & 'x':*"


def test_many_names_and_items_are_read_in_one_statement_and_kept(
    edition: Edition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manifest = manifest_in("en")
    with django_assert_num_queries(2):
        for _ in range(2):
            assert manifest.names(ITEMS, [VESPER, GLASS_MOTH, 4]) == {VESPER: "Vesper's Oath", GLASS_MOTH: "Glass Moth"}
            (item,) = manifest.items([VESPER, 4]).values()
    assert (item.name, item.bucket_hash, item.type_name) == ("Vesper's Oath", KINETIC, "Bow")


def test_what_a_language_lacks_is_in_english(edition: Edition) -> None:
    assert manifest_in("ja").names(ITEMS, [VESPER, THORN_CROWN]) == {VESPER: "夜想の誓い", THORN_CROWN: "Thorn Crown"}
    assert manifest_in("xx").language == "en"
    assert manifest_in("fr-ca").language == "fr"


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_player_finds_an_item_and_reads_its_page(edition: Edition, client: Client, someone: User) -> None:
    client.force_login(someone, BACKEND)
    page = text_of(client.get("/destiny/manifest/", {"q": "vesp"}))
    assert "Vesper's Oath Inventory item Bow 3211806999" in page
    item = client.get(f"/destiny/manifest/{ITEMS}/{VESPER}/")
    text = text_of(item)
    for words in ("3211806999", "-1083160297", "<b>No promise</b> is kept twice.", "Bucket type Kinetic weapons"):
        assert words in text
    assert "Stat Value Tallness 7 Reach 40" in text
    content = item.content.decode()
    assert f'<a href="/destiny/manifest/{BUCKETS}/{KINETIC}/">Kinetic weapons</a>' in content
    assert f'<a href="/destiny/manifest/{ITEMS}/{THORN_CROWN}/">Thorn Crown</a>' in content
    assert f'<a href="/destiny/manifest/{PLUGS}/7/">Plug set 7</a>' in content
    assert '"hash"' not in content


def test_a_french_player_reads_french(edition: Edition, client: Client, someone: User) -> None:
    client.force_login(someone, BACKEND)
    with translation.override("fr"):
        page = client.get("/destiny/manifest/", {"q": "couronne"}, headers={"Accept-Language": "fr"})
    assert "Couronne d'épines" in text_of(page)


def test_a_definitions_page_takes_as_many_statements_for_many_links(
    edition: Edition, client: Client, someone: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(someone, BACKEND)
    with django_assert_max_num_queries(6):
        client.get(f"/destiny/manifest/{ITEMS}/{VESPER}/")


@pytest.mark.parametrize(
    "path", [f"{ITEMS}/1", f"DestinyNothingDefinition/{VESPER}", f"{ITEMS}/x%00y", f"{ITEMS}/{'9' * 400}"]
)
def test_what_does_not_exist_is_not_found(edition: Edition, client: Client, someone: User, path: str) -> None:
    client.force_login(someone, BACKEND)
    assert client.get(f"/destiny/manifest/{path}/").status_code in {400, 404}


def test_visitors_sign_in_first(edition: Edition, client: Client) -> None:
    assert client.get("/destiny/manifest/").status_code == 302


def test_before_the_first_edition_the_page_says_so(db: None, settings: Any, client: Client, someone: User) -> None:
    settings.DESTINY_ENABLED = True
    client.force_login(someone, BACKEND)
    assert "has not been loaded yet" in text_of(client.get("/destiny/manifest/"))


def test_without_destiny_there_is_no_page(edition: Edition, settings: Any, client: Client, someone: User) -> None:
    settings.DESTINY_ENABLED = False
    client.force_login(someone, BACKEND)
    assert client.get("/destiny/manifest/").status_code == 404
