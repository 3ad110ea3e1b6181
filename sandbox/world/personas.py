"""The personas that one can sign in as, and their characters."""

from sandbox.world.characters import generate_character, set_hidden_spec, unused_name
from sandbox.world.clock import DAY
from sandbox.world.gamedata import ALLIANCE, HORDE, MAX_LEVEL, MOUNTS, TOYS
from sandbox.world.guilds import add_member
from sandbox.world.models import REGIONS, Character, Persona, Realm
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

_PERSONAS: tuple[tuple[str, int, str, str], ...] = (
    (
        "guildmaster",
        482_210_377,
        "Thistledown#2764",
        "Leads the demo guild (rank 0) and has six alts in it. Destiny 2: three guardians and 900 items.",
    ),
    (
        "officer",
        517_904_122,
        "Morwick#21185",
        "Holds rank 1 in the demo guild, with alts of lower ranks. Destiny 2: cross save of three platforms.",
    ),
    (
        "raider",
        2_480_117_903,
        "Jörunn#1734",
        "60 characters over two WoW accounts and two regions, twelve in the guild. Destiny 2: on Xbox and Steam.",
    ),
    ("social", 633_018_456, "Pebblecup#11902", "Two characters of the lowest ranks. Destiny 2: one guardian, private."),
    ("newcomer", 1_204_556_871, "Hazelmere#2291", "Three characters, no guild yet."),
    ("nowow", 711_480_255, "Ledgerman#1440", "A Battle.net account without World of Warcraft."),
    ("unticker", 958_771_340, "Élodwin#2517", "A member who unticks the wow.profile box."),
)
RAIDER_CHARACTERS = 60
_RAIDER_IN_US = 12


def add_personas(world: World) -> None:
    """Add all personas with their characters. The demo guild exists but is empty at this point."""
    for number, (name, battlenet_id, battletag, description) in enumerate(_PERSONAS):
        person = Persona(name, battlenet_id, battletag, description)
        world.personas[name] = person
        _give_collections(world, person, number)
    world.personas["unticker"].grants_wow_profile = False
    world.personas["nowow"].missing_regions = ("us", "tw")
    _add_guild_members(world)
    _add_newcomer(world)
    _add_raider(world, world.personas["raider"])


def wow_account_of(person: Persona, region: str, number: int = 1) -> int:
    """Return the id of the persona's first, second ... WoW account of the region."""
    return 20_000_000 + (person.battlenet_id + 7_919 * REGIONS.index(region) + 104_729 * number) % 79_000_000


def add_to_account(person: Persona, character: Character, wow_account: int | None = None) -> Character:
    """Move the character to the persona's account."""
    remove_from_account(character)
    character.owner, character.wow_account = person, wow_account or wow_account_of(person, character.region)
    person.characters.append(character)
    return character


def remove_from_account(character: Character) -> None:
    """Remove the character from its account, if any."""
    if character.owner is not None:
        character.owner.characters.remove(character)
    character.owner, character.wow_account = None, 0


def _give_collections(world: World, person: Persona, number: int) -> None:
    if person.name == "nowow":
        return
    rng = SeededRandom(world.seed, "collections", person.name)
    person.mounts = sorted(rng.sample(list(MOUNTS), 8 + 4 * number))
    person.toys = sorted(rng.sample(list(TOYS), 3 + 3 * number))


def _add_guild_members(world: World) -> None:
    realms = world.connected_realms["eu", world.demo_guild.realm.connected_realm_id]
    home, second, third = realms
    _enroll(
        world,
        "guildmaster",
        ((home, 0), (home, 4), (home, 5), (second, 5), (third, 6), (home, 7), (second, 7)),
    )
    _enroll(world, "officer", ((home, 1), (second, 4), (home, 6)))
    _enroll(world, "social", ((third, 8), (home, 9)))
    _enroll(world, "unticker", ((home, 5), (second, 7), (home, 7)))


def _enroll(world: World, persona: str, places: tuple[tuple[Realm, int], ...]) -> None:
    """Add a persona's characters to the demo guild; the first has the highest level and will be the main."""
    rng = SeededRandom(world.seed, "persona", persona)
    guild, person = world.demo_guild, world.personas[persona]
    for number, (realm, rank) in enumerate(places):
        level = MAX_LEVEL if number == 0 else rng.between(20, MAX_LEVEL)
        character = generate_character(world, rng, realm, guild.faction, level=level)
        character.snapshot = max(character.snapshot, world.clock.anchor - rng.between(1, 20 * DAY))
        add_member(guild, add_to_account(person, character), rank)


def _add_newcomer(world: World) -> None:
    rng, person = SeededRandom(world.seed, "persona", "newcomer"), world.personas["newcomer"]
    realm = world.realms["eu", "quillmarsh"]
    for level in (MAX_LEVEL, 42, 7):
        add_to_account(person, generate_character(world, rng, realm, ALLIANCE, level=level))


def _add_raider(world: World, person: Persona) -> None:
    rng = SeededRandom(world.seed, "persona", "raider")
    for number in range(RAIDER_CHARACTERS):
        region = "us" if number >= RAIDER_CHARACTERS - _RAIDER_IN_US else "eu"
        realm = _raider_realm(world, rng, number, region)
        level = MAX_LEVEL if number < 8 else None
        character = generate_character(world, rng, realm, ALLIANCE if number % 5 else HORDE, level=level)
        add_to_account(person, character, wow_account_of(person, region, 1 + number % 2))
        if number < 12:
            add_member(world.demo_guild, character, 3 if number == 0 else rng.between(4, 8))
    _add_odd_characters(world, rng, person)


def _raider_realm(world: World, rng: SeededRandom, number: int, region: str) -> Realm:
    if number < 12:
        return rng.pick(world.connected_realms["eu", world.demo_guild.realm.connected_realm_id])
    latin = [realm for realm in world.realms.values() if realm.region == region and realm.locale != "ruRU"]
    return rng.pick(latin)


def _add_odd_characters(world: World, rng: SeededRandom, person: Persona) -> None:
    """Make characters without a guild odd in the ways that real accounts have shown."""
    odd = [character for character in person.characters if character.guild is None and character.region == "eu"]
    require_rename(world, rng, odd[0])
    set_hidden_spec(odd[1])
    odd[2].level, odd[2].spec_id = MAX_LEVEL, None
    odd[3].level = 1
    odd[4].level, odd[4].answer = 80, 404


def require_rename(world: World, rng: SeededRandom, character: Character) -> None:
    """Give the character a placeholder name and level 0, as for a forced rename."""
    world.remove_character(character)
    character.name = f"{unused_name(world, rng, character.realm)[:6]}{rng.between(100, 999)}C{rng.between(10, 99)}"
    character.level, character.spec_id = 0, None
    world.add_character(character)
