"""Every link in a document leads to a document, a picture, or a character without a profile."""

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.sandbox.client import Client, character_path

# How many links a test follows; the seed determines which.
BOUND = 500
SEED = 20
INDEXES = {
    "static": """playable-class playable-race playable-specialization journal-expansion journal-instance
        journal-encounter item-set item-class keystone-affix guild-crest mount toy title power-type profession""",
    "dynamic": """realm connected-realm region mythic-keystone mythic-keystone/season mythic-keystone/period
        mythic-keystone/dungeon""",
}
DOCUMENTS_OF_A_CHARACTER = """
    /status /specializations /equipment /character-media /statistics /achievements /achievements/statistics /titles
    /pvp-summary /appearance /reputations /quests /quests/completed /professions /collections /collections/mounts
    /collections/toys /collections/pets /collections/heirlooms /collections/transmogs /encounters /encounters/raids
    /encounters/dungeons /mythic-keystone-profile
"""


class Crawler:
    """Follows the links in documents, each once, in an order determined by the seed.

    URLs that differ only in numbers and names have the same shape; the least followed shapes come first.
    """

    def __init__(self, sandbox: Client, token: str | None = None) -> None:
        self.sandbox = sandbox
        self.token = token
        self.random = random.Random(SEED)
        self.waiting: dict[str, list[str]] = {}
        self.followed: dict[str, int] = {}
        self.seen: set[str] = set()
        self.pictures: set[str] = set()
        self.failures: list[str] = []
        self.absent = {_path_of(one) for one in _without_profile(sandbox)}

    def start(self, path: str, namespace: str) -> None:
        """Start with a document that must exist."""
        answer = self.sandbox.api(path, namespace, token=self.token)
        assert answer.status_code == 200, path
        self.read(answer.json())

    def read(self, document: Any) -> None:
        """Collect every link of the document."""
        for address in _addresses(document):
            assert address.startswith(self.sandbox.base_url), address
            if address in self.seen:
                continue
            self.seen.add(address)
            if "/render/" in address:
                self.pictures.add(address)
            else:
                self.waiting.setdefault(_shape(address), []).append(address)

    def follow(self, bound: int = BOUND) -> None:
        """Follow the links, and the links found there, up to the limit."""
        for _ in range(bound):
            if not self.waiting:
                return
            shape = min(self.waiting, key=lambda one: (self.followed.get(one, 0), one))
            self.followed[shape] = self.followed.get(shape, 0) + 1
            addresses = self.waiting[shape]
            address = addresses.pop(self.random.randrange(len(addresses)))
            if not addresses:
                del self.waiting[shape]
            self._ask(address)

    def _ask(self, address: str) -> None:
        path = address.removeprefix(self.sandbox.base_url)
        if unquote(urlsplit(address).path) in self.absent:
            return
        answer = self.sandbox.api(path, None, token=self.token)
        if answer.status_code != 200:
            self.failures.append(f"{answer.status_code} {address}")
            return
        document = answer.json()
        self.read(document)
        own = document.get("_links", {}).get("self", {}).get("href")
        if own != address:
            self.failures.append(f"{address} calls itself {own}")


def _without_profile(sandbox: Client) -> Iterator[Any]:
    world = sandbox.control("world")
    for guild in world["guilds"]:
        truth = sandbox.control(f"truth/guild/{guild['region']}/{guild['realm_slug']}/{guild['slug']}")
        yield from (one for one in truth["members"] if one["profile"] != 200)
    for persona in world["personas"]:
        yield from (one for one in persona["characters"] if one["profile"] != 200)


def _path_of(character: Any) -> str:
    return character_path(character)


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
    elif isinstance(value, str) and value.startswith("http"):
        yield value


def _shape(address: str) -> str:
    """Return the URL without ids and names."""
    parts = urlsplit(address).path.split("/")
    if parts[1:4] in (["profile", "wow", "character"], ["data", "wow", "guild"]):
        parts[4:6] = ["*", "*"]
    return "/".join("*" if any(letter.isdigit() for letter in part) else part for part in parts)


def _check(crawler: Crawler) -> None:
    crawler.follow()
    assert crawler.failures == []
    for address in sorted(crawler.pictures)[:60]:
        picture = crawler.sandbox.get(address.removeprefix(crawler.sandbox.base_url))
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png"), address
        assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("region", ["eu", "kr"])
def test_links_of_game_data_lead_to_documents(sandbox: Client, kind: str, region: str) -> None:
    crawler = Crawler(sandbox)
    for index in INDEXES[kind].split():
        crawler.start(f"/data/wow/{index}/index", f"{kind}-{region}")
    _check(crawler)


@pytest.mark.parametrize("region", ["eu", "us", "kr", "tw"])
def test_links_of_guilds_lead_to_documents(sandbox: Client, region: str) -> None:
    crawler = Crawler(sandbox)
    for guild in sandbox.control("world")["guilds"]:
        if guild["region"] == region:
            for document in ("", "/roster", "/achievements", "/activity"):
                crawler.start(f"/data/wow/guild/{guild['realm_slug']}/{guild['slug']}{document}", f"profile-{region}")
    _check(crawler)


def test_links_of_characters_lead_to_documents(sandbox: Client) -> None:
    members = [m for m in sandbox.demo_guild()["members"] if m["profile"] == 200]
    crawler = Crawler(sandbox)
    for member in random.Random(SEED).sample(members, 12):
        for document in ("", *DOCUMENTS_OF_A_CHARACTER.split()):
            crawler.start(character_path(member) + document, "profile-eu")
    _check(crawler)


@pytest.mark.parametrize("persona", ["raider", "guildmaster", "newcomer", "nowow"])
def test_links_of_accounts_lead_to_documents(sandbox: Client, persona: str) -> None:
    crawler = Crawler(sandbox, sandbox.sign_in(persona))
    crawler.start("/profile/user/wow", "profile-eu")
    crawler.start("/profile/user/wow/collections", "profile-eu")
    _check(crawler)


def test_pictures_differ_and_unknown_ones_are_absent(sandbox: Client) -> None:
    paths = [f"/render/icons/56/item-{number}.png" for number in (400_000, 400_001)]
    one, other = (sandbox.get(path) for path in paths)
    assert one.content != other.content
    assert one.content == sandbox.get(paths[0]).content
    assert sandbox.get("/render/nothing.png").status_code == 404
