"""The world: its contents, and that it is reproducible."""

from collections import Counter

from tests.sandbox.client import Client, Json, Launch


def test_the_demo_guild_has_a_thousand_members_on_three_realms(sandbox: Client) -> None:
    members = sandbox.demo_guild()["members"]
    assert len(members) == 1000
    assert set(Counter(m["realm_slug"] for m in members)) == {"tarn-hollow", "vaeloris", "brannmoor"}
    ranks = Counter(m["rank"] for m in members)
    assert set(ranks) == set(range(10))
    assert ranks[0] == 1


def test_the_demo_guild_has_every_kind_of_unusual_member(sandbox: Client) -> None:
    members = sandbox.demo_guild()["members"]
    assert sum(m["profile"] == 403 for m in members) == 1
    assert sum(m["level"] == 1 and m["profile"] == 404 for m in members) >= 5
    assert sum(m["level"] > 1 and m["profile"] == 404 for m in members) >= 10
    assert any(m["spec_id"] is None and m["profile"] == 200 for m in members)
    assert any(not m["name"].isascii() for m in members)
    assert sum(m["persona"] is not None for m in members) >= 20


def test_names_repeat_within_the_demo_guild_on_other_realms(sandbox: Client) -> None:
    members = sandbox.demo_guild()["members"]
    repeated = [name for name, count in Counter(m["name"] for m in members).items() if count > 1]
    assert len(repeated) >= 4
    assert len({(m["realm_slug"], m["name"]) for m in members}) == 1000


def test_two_characters_of_a_region_have_the_same_id(sandbox: Client) -> None:
    strangers = sandbox.control("truth/guild/eu/veillée-dardoise/étoile-grise")["members"]
    shared = {m["id"] for m in sandbox.demo_guild()["members"]} & {m["id"] for m in strangers}
    assert len(shared) == 1


def test_there_are_guilds_in_other_regions_and_scripts(sandbox: Client) -> None:
    guilds = sandbox.control("world")["guilds"]
    assert {guild["region"] for guild in guilds} == {"us", "eu", "kr", "tw"}
    assert all(30 <= guild["member_count"] <= 300 for guild in guilds if guild["name"] != "Gravel Orchard")
    cyrillic = sandbox.control("truth/guild/eu/severny-brod/янтарный-улей")["members"]
    assert all("а" <= letter.lower() <= "я" for m in cyrillic for letter in m["name"])
    hangul = sandbox.control("truth/guild/kr/eunbitnaru/달빛-목공소")["members"]
    assert all("가" <= letter <= "힣" for m in hangul for letter in m["name"])


def test_personas_match_their_descriptions(sandbox: Client) -> None:
    people = {name: sandbox.control(f"truth/account/{name}") for name in _names(sandbox)}
    ranks = {name: sorted(_ranks(person)) for name, person in people.items()}
    assert ranks["guildmaster"][0] == 0
    assert len(ranks["guildmaster"]) > 3
    assert ranks["officer"][0] == 1 < ranks["officer"][-1]
    assert len(ranks["raider"]) == 12
    assert min(ranks["social"]) >= 8
    assert ranks["newcomer"] == ranks["nowow"] == []
    assert people["newcomer"]["characters"]
    assert Counter(c["region"] for c in people["raider"]["characters"]) == {"eu": 48, "us": 12}
    assert people["nowow"]["regions"] == {"us": "404", "eu": "absent", "kr": "absent", "tw": "404"}
    assert any(not person["battletag"].isascii() for person in people.values())


def test_the_world_of_a_seed_is_the_same_in_every_process(sandbox: Client, launch: Launch) -> None:
    other = launch("--seed", "1")
    for path in ("truth/guild/eu/tarn-hollow/gravel-orchard", "truth/account/raider", "world"):
        assert other.control(path) == sandbox.control(path)


def test_another_seed_is_another_world_with_the_same_addresses(sandbox: Client, launch: Launch) -> None:
    other = launch("--seed", "2")
    assert other.control("world")["demo_guild"]["slug"] == "gravel-orchard"
    assert _names(other) == _names(sandbox)
    assert {m["name"] for m in other.demo_guild()["members"]} != {m["name"] for m in sandbox.demo_guild()["members"]}


def test_days_pass_the_same_way_for_the_same_seed(sandbox: Client, launch: Launch) -> None:
    other = launch("--seed", "1")
    assert other.control("advance", {"days": 8})["events"] == sandbox.control("advance", {"days": 8})["events"]
    for client in (other, sandbox):
        assert client.control("world")["day"] == 8
    assert other.demo_guild() == sandbox.demo_guild()


def _names(client: Client) -> list[str]:
    return [persona["name"] for persona in client.control("world")["personas"]]


def _ranks(person: Json) -> list[int]:
    return [c["rank"] for c in person["characters"] if c["guild"] and c["guild"]["slug"] == "gravel-orchard"]
