"""Addresses of a character's pages on other sites, built from region, realm slug and name."""

from collections.abc import Iterator
from urllib.parse import quote

from characters.models import Character

# The armory's language for each region.
ARMORY_LANGUAGES = {"us": "en-us", "eu": "en-gb", "kr": "ko-kr", "tw": "zh-tw"}
ADDRESSES = (
    ("Armory", "https://worldofwarcraft.blizzard.com/{language}/character/{region}/{realm}/{name}"),
    ("Raider.IO", "https://raider.io/characters/{region}/{realm}/{name}"),
    ("Warcraft Logs", "https://www.warcraftlogs.com/character/{region}/{realm}/{name}"),
)


def profile_links(region: str, realm_slug: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each site and the character's address there.

    The slug is Blizzard's and never derived from the realm's name; accents are kept, since without them the address
    is another character's.
    """
    parts = {
        "language": ARMORY_LANGUAGES.get(region, "en-us"),
        "region": quote(region, safe=""),
        "realm": quote(realm_slug, safe=""),
        "name": quote(name.lower(), safe=""),
    }
    for site, address in ADDRESSES:
        yield site, address.format(**parts)


def links_of(character: Character) -> list[tuple[str, str]]:
    """Return the links of a character; none for one without a usable name. The realm must be loaded."""
    if character.needs_rename or character.name != character.last_known_name:
        return []
    return list(profile_links(character.region, character.realm.slug, character.name))
