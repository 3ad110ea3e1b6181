"""Building the world from a seed: the demo guild, its neighbors and, in a large world, many more guilds."""

from sandbox.world.characters import generate_character, set_hidden_spec, unused_name_on_all
from sandbox.world.clock import Clock
from sandbox.world.gamedata import ALLIANCE, HORDE, MAX_LEVEL
from sandbox.world.guilds import create_guild, fill_guild
from sandbox.world.models import REGIONS, Character, Realm
from sandbox.world.names import random_guild_name
from sandbox.world.personas import add_personas
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

DEMO_GUILD = ("Gravel Orchard", "eu", "tarn-hollow", ALLIANCE)
DEMO_GUILD_SIZE = 1000
_NEIGHBORS = (
    ("Янтарный Улей", "eu", "severny-brod", HORDE, 180),
    ("Étoile Grise", "eu", "veillée-dardoise", ALLIANCE, 120),
    ("Moorlichter", "eu", "hüter-des-moors", HORDE, 60),
    ("Second Kettle", "eu", "quillmarsh", ALLIANCE, 30),
    ("Tin Meridian", "us", "copper-fen", HORDE, 300),
    ("Paper Foxes", "us", "alderwick", ALLIANCE, 45),
    ("달빛 목공소", "kr", "eunbitnaru", ALLIANCE, 90),
    ("霧中茶館", "tw", "mistwick-vale", HORDE, 40),
)
_NAMESAKES = 5
_GUILDLESS_PER_REGION = 40
LARGE_WORLD = 30_000


def build_world(seed: int, size: str, anchor: int, members: int = DEMO_GUILD_SIZE) -> World:
    """Build the world of a seed, the same on every machine. Times count back from the anchor (a midnight, UTC)."""
    world = World(seed, Clock(anchor))
    name, region, slug, faction = DEMO_GUILD
    world.demo_guild = create_guild(world, name, world.realms[region, slug], faction)
    add_personas(world)
    _fill_demo_guild(world, members)
    for neighbor in _NEIGHBORS:
        _add_neighbor(world, *neighbor)
    _add_guildless(world)
    _duplicate_an_id(world)
    if size == "large":
        _add_more_guilds(world)
    return world


def _fill_demo_guild(world: World, size: int) -> None:
    guild = world.demo_guild
    home, second, third = world.connected_realms[guild.region, guild.realm.connected_realm_id]
    fill_guild(world, guild, ((home, 62), (second, 25), (third, 13)), size)
    nobodies = _ordinary_members(world)
    _name_alike(world, nobodies[: 3 * _NAMESAKES], (home, second, third))
    forbidden, hidden, ungeared = nobodies[-3:]
    forbidden.answer = 403
    set_hidden_spec(hidden)
    ungeared.level, ungeared.answer, ungeared.equipped_item_level = MAX_LEVEL, 200, 0


def _ordinary_members(world: World) -> list[Character]:
    """Return ordinary members of the demo guild without an owner."""
    return [
        member
        for member in world.demo_guild.members
        if member.owner is None and member.rank > 2 and member.profile == 200
    ]


def _name_alike(world: World, members: list[Character], realms: tuple[Realm, ...]) -> None:
    """Give pairs of members the same name on different realms."""
    rng = SeededRandom(world.seed, "namesakes")
    for number in range(_NAMESAKES):
        name = unused_name_on_all(world, rng, realms)
        pair = members[2 * number : 2 * number + 2]
        for member, realm in zip(pair, rng.sample(realms, 2), strict=True):
            world.remove_character(member)
            member.name, member.realm = name, realm
            world.add_character(member)


def _add_neighbor(world: World, name: str, region: str, slug: str, faction: str, size: int) -> None:
    realm = world.realms[region, slug]
    others = [other for other in world.connected_realms[region, realm.connected_realm_id] if other is not realm]
    guild = create_guild(world, name, realm, faction)
    fill_guild(world, guild, ((realm, 80), *((other, 20) for other in others)), size)


def _add_guildless(world: World) -> None:
    """Add characters without a guild to every region."""
    for region in REGIONS:
        rng = SeededRandom(world.seed, "loners", region)
        realms = [realm for realm in world.realms.values() if realm.region == region]
        for _ in range(_GUILDLESS_PER_REGION):
            generate_character(world, rng, rng.pick(realms), rng.pick((ALLIANCE, HORDE)))


def _duplicate_an_id(world: World) -> None:
    """Give two characters of one region the same id, which one production site has reported."""
    stranger = world.guilds["eu", "veillée-dardoise", "étoile-grise"].members[-1]
    member = _ordinary_members(world)[3 * _NAMESAKES]
    stranger.id = member.id


def _add_more_guilds(world: World) -> None:
    """Add guilds of 200 to 760 members until the world is large."""
    rng = SeededRandom(world.seed, "multitude")
    realms = [realm for realm in world.realms.values() if realm.locale not in ("koKR", "zhTW")]
    while (missing := LARGE_WORLD - len(world.characters)) > 0:
        realm = rng.pick(realms)
        name = random_guild_name(rng)
        if (realm.region, realm.slug, name.lower().replace(" ", "-")) in world.guilds:
            continue
        _add_neighbor(
            world,
            name,
            realm.region,
            realm.slug,
            rng.pick((ALLIANCE, HORDE)),
            min(missing, rng.between(200, 760)),
        )
