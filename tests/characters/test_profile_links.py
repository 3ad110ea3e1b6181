"""Links to the armory, Raider.IO and Warcraft Logs."""

import pytest

from characters.models import Character, Realm
from characters.profile_links import links_of, profile_links


@pytest.mark.parametrize(
    ("region", "realm", "name", "path"),
    [
        ("eu", "tarren-mill", "Marane", "eu/tarren-mill/marane"),
        ("eu", "azjolnerub", "Jörunn", "eu/azjolnerub/j%C3%B6runn"),
        ("eu", "la-croisade-écarlate", "Éa", "eu/la-croisade-%C3%A9carlate/%C3%A9a"),
        ("eu", "gordunni", "Дракон", "eu/gordunni/%D0%B4%D1%80%D0%B0%D0%BA%D0%BE%D0%BD"),
        ("kr", "azshara", "가나다", "kr/azshara/%EA%B0%80%EB%82%98%EB%8B%A4"),
        ("us", "kelthuzad", "A/B?c#", "us/kelthuzad/a%2Fb%3Fc%23"),
    ],
)
def test_addresses_keep_accents_and_are_encoded(region: str, realm: str, name: str, path: str) -> None:
    links = dict(profile_links(region, realm, name))
    assert links["Raider.IO"] == f"https://raider.io/characters/{path}"
    assert links["Warcraft Logs"] == f"https://www.warcraftlogs.com/character/{path}"
    assert links["Armory"].startswith("https://worldofwarcraft.blizzard.com/")
    assert links["Armory"].endswith(f"/character/{path}")


@pytest.mark.parametrize("name", ["Bregal932B58", "Marane~17"])
def test_a_character_without_a_usable_name_has_no_links(name: str) -> None:
    assert links_of(Character(name=name, region="eu", realm=Realm(slug="x"))) == []
    assert len(links_of(Character(name="Marane", region="eu", realm=Realm(slug="x")))) == 3
