"""Random events of each day: the same for the same seed and day."""

from sandbox.world import changes
from sandbox.world.changes import Event
from sandbox.world.characters import average_item_level, generate_character, random_spec, unused_name
from sandbox.world.clock import DAY
from sandbox.world.gamedata import CLASSES, MAX_LEVEL, SPEC_LEVEL
from sandbox.world.models import Character, Guild
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

# Shares of a guild's members that are affected each day; ranks, levels, specializations and gear of those who play.
_JOIN, _LEAVE, _RANK, _LEVEL, _SPEC, _GEAR, _LOGIN = 0.003, 0.003, 0.008, 0.024, 0.008, 0.04, 0.2
# Whoever has not played for so long seldom comes back.
_AWAY = 21 * DAY
_RETURN = 0.002
# Hours before midnight of a login, with their weights.
_HOURS = ((1, 6), (2, 14), (3, 20), (4, 22), (5, 16), (6, 9), (8, 5), (10, 3), (13, 3), (23, 1))
# Rare events affect one member of guilds with at least this many members, each on its own weekday.
_RARE_MIN_MEMBERS = 100


def advance(world: World, days: int) -> list[Event]:
    """Advance the world by some days and return the events, except logins, which are too many.

    Characters of personas gain levels and gear but do not leave, move or change their names, so that a persona is
    still recognizable after any number of days.
    """
    events: list[Event] = []
    for _ in range(days):
        world.clock.next_day()
        for guild in list(world.guilds.values()):
            events += _guild_day(world, guild)
    return events


def _guild_day(world: World, guild: Guild) -> list[Event]:
    rng = SeededRandom(world.seed, "day", world.clock.day, guild.region, guild.id)
    events = _recruit_members(world, rng, guild) + _lose_members(world, rng, guild)
    events += _change_ranks(world, rng, guild) + _progress_members(world, rng, guild)
    if len(guild.members) >= _RARE_MIN_MEMBERS:
        events += _rare_event(world, rng, guild)
    away = [member for member in guild.members if not _plays(world, member)]
    for member in _sample_share(rng, _playing(world, guild), _LOGIN) + _sample_share(rng, away, _RETURN):
        if member.profile == 200:
            # On the evening before midnight, when most people play.
            member.snapshot = max(member.snapshot + 1, world.clock.now - rng.weighted(_HOURS) * 3600 + rng.below(3600))
    return events


def _sample_share(rng: SeededRandom, members: list[Character], share: float) -> list[Character]:
    """Return a random share of the members; a fraction of a member is rounded at random."""
    wanted = len(members) * share
    return rng.sample(members, int(wanted) + rng.chance(wanted % 1))


def _plays(world: World, member: Character) -> bool:
    return member.snapshot > world.clock.now - _AWAY


def _playing(world: World, guild: Guild) -> list[Character]:
    return [member for member in guild.members if _plays(world, member)]


def _unowned(guild: Guild) -> list[Character]:
    """Return members without a persona, except the guild master."""
    return [member for member in guild.members if member.owner is None and member.rank > 0]


def _recruit_members(world: World, rng: SeededRandom, guild: Guild) -> list[Event]:
    return [_recruit(world, rng, guild) for _ in _sample_share(rng, guild.members, _JOIN)]


def _recruit(world: World, rng: SeededRandom, guild: Guild) -> Event:
    realms = world.connected_realms[guild.region, guild.realm.connected_realm_id]
    character = generate_character(world, rng, rng.pick(realms), guild.faction)
    character.id = world.new_character_id()
    return changes.join(world, character, guild, 9)


def _lose_members(world: World, rng: SeededRandom, guild: Guild) -> list[Event]:
    return [changes.leave(world, member) for member in _sample_share(rng, _unowned(guild), _LEAVE)]


def _change_ranks(world: World, rng: SeededRandom, guild: Guild) -> list[Event]:
    events = []
    for member in _sample_share(rng, [one for one in _unowned(guild) if _plays(world, one)], _RANK):
        rank = min(9, max(1, member.rank + rng.pick((-1, -1, 1))))
        if rank != member.rank:
            events.append(changes.set_rank(world, member, rank))
    return events


def _progress_members(world: World, rng: SeededRandom, guild: Guild) -> list[Event]:
    """Change levels, specializations and gear, also of personas' characters."""
    playing = _playing(world, guild)
    seen = [member for member in playing if member.profile == 200]
    learners = [member for member in playing if 0 < member.level < MAX_LEVEL]
    veterans = [member for member in seen if member.level == MAX_LEVEL and member.spec_id]
    events = [_level_up(world, rng, member) for member in _sample_share(rng, learners, _LEVEL)]
    for member in _sample_share(rng, veterans, _SPEC):
        spec = rng.pick(CLASSES[member.class_id].specs)
        if spec.id != member.spec_id:
            events.append(changes.set_spec(world, member, spec.id))
    for member in _sample_share(rng, veterans, _GEAR):
        average = member.average_item_level + rng.between(1, 5)
        events.append(changes.set_gear(world, member, average, average - rng.below(4)))
    return events


def _level_up(world: World, rng: SeededRandom, member: Character) -> Event:
    level = min(MAX_LEVEL, member.level + rng.between(1, 3))
    if level >= SPEC_LEVEL and (member.spec_id is None or member.level < SPEC_LEVEL):
        member.spec_id = random_spec(rng, member.class_id, level)
    average = average_item_level(rng, level)
    member.average_item_level = member.equipped_item_level = max(member.average_item_level, average)
    return changes.set_level(world, member, level)


def _rare_event(world: World, rng: SeededRandom, guild: Guild) -> list[Event]:
    """Return the rare event of this weekday."""
    members = [member for member in _unowned(guild) if member.profile == 200]
    one, other = rng.sample(members, 2)
    match world.clock.day % 7:
        case 1:
            return [changes.rename(world, one, unused_name(world, rng, one.realm))]
        case 2:
            return [changes.change_faction(world, one)]
        case 3:
            return _move_realm(world, rng, one)
        case 4:
            return _swap(world, rng, members, one)
        case 5:
            return [changes.delete_character(world, other)]
        case _:
            return []


def _move_realm(world: World, rng: SeededRandom, member: Character) -> list[Event]:
    others = [realm for realm in world.realms.values() if realm.region == member.region and realm is not member.realm]
    realm = rng.pick(others)
    name = member.name if world.is_free(realm, member.name) else unused_name(world, rng, realm)
    return [changes.move_realm(world, member, realm, name)]


def _swap(world: World, rng: SeededRandom, members: list[Character], one: Character) -> list[Event]:
    """Swap names with a member of the same realm; on another realm the name could be taken."""
    neighbors = [member for member in members if member.realm is one.realm and member is not one]
    return [changes.swap_names(world, one, rng.pick(neighbors))] if neighbors else []
