"""Creating guilds and filling them with members without a persona."""

from collections.abc import Sequence

from sandbox.world.characters import generate_character
from sandbox.world.clock import DAY
from sandbox.world.gamedata import opposite
from sandbox.world.models import Character, Guild, Realm
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

_RANKS = ((1, 1), (2, 2), (3, 6), (4, 15), (5, 26), (6, 15), (7, 15), (8, 10), (9, 10))
# Share of members of the other faction.
_OTHER_FACTION = 0.06
_LEVEL_ONE = 0.012
_NEVER_INDEXED = 0.025


def create_guild(world: World, name: str, realm: Realm, faction: str) -> Guild:
    """Add a guild without members to the world."""
    rng = SeededRandom(world.seed, "guild", realm.region, realm.slug, name)
    guild = Guild(
        id=rng.between(30_000_000, 80_000_000),
        name=name,
        realm=realm,
        faction=faction,
        created=world.clock.anchor - rng.between(400, 6000) * DAY - rng.below(DAY),
        snapshot=world.clock.anchor - rng.between(600, DAY // 2),
    )
    world.add_guild(guild)
    return guild


def add_member(guild: Guild, character: Character, rank: int) -> Character:
    """Make the character a member of the guild."""
    character.guild, character.rank = guild, rank
    guild.members.append(character)
    return character


def fill_guild(world: World, guild: Guild, realms: Sequence[tuple[Realm, int]], size: int) -> None:
    """Add new members until the guild has this size; realms are weighted.

    The first ones get the free ranks of 0 to 9, so that each rank has a member, and rank 0 exactly one.
    """
    rng = SeededRandom(world.seed, "members", guild.realm.slug, guild.name)
    held = {member.rank for member in guild.members}
    open_ranks = [rank for rank in range(10) if rank not in held]
    for _ in range(size - len(guild.members)):
        rank = open_ranks.pop(0) if open_ranks else rng.weighted(_RANKS)
        add_member(guild, _draw_member(world, rng, guild, rng.weighted(realms), rank), rank)


def _draw_member(world: World, rng: SeededRandom, guild: Guild, realm: Realm, rank: int) -> Character:
    faction = opposite(guild.faction) if rng.chance(_OTHER_FACTION) else guild.faction
    is_new = rank > 2 and rng.chance(_LEVEL_ONE)
    member = generate_character(world, rng, realm, faction, level=1 if is_new else None)
    if rank > 2 and rng.chance(_NEVER_INDEXED):
        member.answer = 404
    return member
