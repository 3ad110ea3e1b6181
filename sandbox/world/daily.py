"""What happens of itself while the world's days pass: the same for the same seed and day."""

from sandbox.world import changes as moves
from sandbox.world.changes import Event
from sandbox.world.gamedata import CLASSES, MAX_LEVEL, SPEC_LEVEL
from sandbox.world.models import Character, Guild
from sandbox.world.people import average_item_level, draw_character, draw_spec, free_name
from sandbox.world.rng import Dice
from sandbox.world.world import World

# Share of a guild's members whom each thing befalls in a day.
_JOIN, _LEAVE, _RANK, _LEVEL, _SPEC, _GEAR, _LOGIN = 0.003, 0.003, 0.004, 0.012, 0.004, 0.02, 0.2
# Rare things befall one member of a guild of this size or more, each on its own day of the week.
_RARE_FROM = 100


def advance(world: World, days: int) -> list[Event]:
    """Let days pass and return what happened, except the mere logins, which are too many to tell.

    Characters of personas gain levels and gear but do not leave, move or change their names, so that whoever signs
    in as one finds the same person after any number of days.
    """
    events: list[Event] = []
    for _ in range(days):
        world.clock.next_day()
        for guild in list(world.guilds.values()):
            events += _guild_day(world, guild)
    return events


def _guild_day(world: World, guild: Guild) -> list[Event]:
    dice = Dice(world.seed, "day", world.clock.day, guild.region, guild.id)
    events = _come(world, dice, guild) + _go(world, dice, guild)
    events += _change_ranks(world, dice, guild) + _grow(world, dice, guild)
    if len(guild.members) >= _RARE_FROM:
        events += _rarity(world, dice, guild)
    for member in _some(dice, guild.members, _LOGIN):
        if member.profile == 200:
            moves.log_in(world, member)
    return events


def _some(dice: Dice, members: list[Character], share: float) -> list[Character]:
    """Members in the share that the day asks for; the fraction of one comes about by chance."""
    wanted = len(members) * share
    return dice.sample(members, int(wanted) + dice.chance(wanted % 1))


def _strangers(guild: Guild) -> list[Character]:
    """Members of no persona, except the guild master."""
    return [member for member in guild.members if member.owner is None and member.rank > 0]


def _come(world: World, dice: Dice, guild: Guild) -> list[Event]:
    return [_recruit(world, dice, guild) for _ in _some(dice, guild.members, _JOIN)]


def _recruit(world: World, dice: Dice, guild: Guild) -> Event:
    realms = world.connected_realms[guild.region, guild.realm.connected_realm_id]
    character = draw_character(world, dice, dice.pick(realms), guild.faction)
    character.id = world.new_character_id()
    return moves.join(world, character, guild, 9)


def _go(world: World, dice: Dice, guild: Guild) -> list[Event]:
    return [moves.leave(world, member) for member in _some(dice, _strangers(guild), _LEAVE)]


def _change_ranks(world: World, dice: Dice, guild: Guild) -> list[Event]:
    events = []
    for member in _some(dice, _strangers(guild), _RANK):
        rank = min(9, max(1, member.rank + dice.pick((-1, -1, 1))))
        if rank != member.rank:
            events.append(moves.set_rank(world, member, rank))
    return events


def _grow(world: World, dice: Dice, guild: Guild) -> list[Event]:
    """Levels, specializations and gear: the only things that also befall the characters of personas."""
    seen = [member for member in guild.members if member.profile == 200]
    learners = [member for member in guild.members if 0 < member.level < MAX_LEVEL]
    veterans = [member for member in seen if member.level == MAX_LEVEL and member.spec_id]
    events = [_level_up(world, dice, member) for member in _some(dice, learners, _LEVEL)]
    for member in _some(dice, veterans, _SPEC):
        spec = dice.pick(CLASSES[member.class_id].specs)
        if spec.id != member.spec_id:
            events.append(moves.set_spec(world, member, spec.id))
    for member in _some(dice, veterans, _GEAR):
        average = member.average_item_level + dice.between(1, 5)
        events.append(moves.set_gear(world, member, average, average - dice.below(4)))
    return events


def _level_up(world: World, dice: Dice, member: Character) -> Event:
    level = min(MAX_LEVEL, member.level + dice.between(1, 3))
    if level >= SPEC_LEVEL and (member.spec_id is None or member.level < SPEC_LEVEL):
        member.spec_id = draw_spec(dice, member.class_id, level)
    average = average_item_level(dice, level)
    member.average_item_level = member.equipped_item_level = max(member.average_item_level, average)
    return moves.set_level(world, member, level)


def _rarity(world: World, dice: Dice, guild: Guild) -> list[Event]:
    """Each of the rare things once a week."""
    members = [member for member in _strangers(guild) if member.profile == 200]
    one, other = dice.sample(members, 2)
    match world.clock.day % 7:
        case 1:
            return [moves.rename(world, one, free_name(world, dice, one.realm))]
        case 2:
            return [moves.change_faction(world, one)]
        case 3:
            return _emigrate(world, dice, one)
        case 4:
            return _swap(world, dice, members, one)
        case 5:
            return [moves.delete_character(world, other)]
        case _:
            return []


def _emigrate(world: World, dice: Dice, member: Character) -> list[Event]:
    others = [realm for realm in world.realms.values() if realm.region == member.region and realm is not member.realm]
    realm = dice.pick(others)
    name = member.name if world.is_free(realm, member.name) else free_name(world, dice, realm)
    return [moves.move_realm(world, member, realm, name)]


def _swap(world: World, dice: Dice, members: list[Character], one: Character) -> list[Event]:
    """Names are swapped within a realm: on two realms both might be taken."""
    neighbors = [member for member in members if member.realm is one.realm and member is not one]
    return [moves.swap_names(world, one, dice.pick(neighbors))] if neighbors else []
