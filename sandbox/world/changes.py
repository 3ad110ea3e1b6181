"""Changes to the world, one function each. Each updates the snapshots of what it changes and returns an event.

An event describes the character (or guild) after the change.
"""

from typing import Any

from sandbox.world.gamedata import MOUNTS, RACES, opposite, races_for
from sandbox.world.models import Character, Guild, Persona, Realm, RosterCut
from sandbox.world.personas import add_to_account, remove_from_account
from sandbox.world.world import World

Event = dict[str, Any]


def join(world: World, character: Character, guild: Guild, rank: int) -> Event:
    """Join a guild, leaving the previous one."""
    _check_rank(rank)
    if character.guild is not None:
        leave(world, character)
    character.guild = guild
    guild.members.append(character)
    _assign_rank(character, rank)
    world.touch(character, guild)
    return _event(world, "joined", character, rank=rank)


def leave(world: World, character: Character) -> Event:
    """Leave the guild. A guild master's rank goes to the remaining member with the best rank."""
    guild = _guild_of(character)
    guild.members.remove(character)
    character.guild = None
    if character.rank == 0 and guild.members:
        min(guild.members, key=lambda member: (member.rank, member.id)).rank = 0
    world.touch(character, guild)
    return _event(world, "left", character, guild)


def set_rank(world: World, character: Character, rank: int) -> Event:
    """Promote or demote. A new guild master replaces the current one, who gets rank 1."""
    guild, before = _guild_of(character), character.rank
    _check_rank(rank)
    if before == 0 != rank:
        raise ValueError("a guild master can't be demoted: give rank 0 to another member")
    _assign_rank(character, rank)
    world.touch(character, guild)
    kind = "promoted" if rank < before else "demoted"
    return _event(world, kind, character, **_change(before, rank))


def rename(world: World, character: Character, name: str) -> Event:
    """Rename the character; the id stays."""
    before = character.name
    _move(world, character, character.realm, name)
    world.touch(character, character.guild)
    return _event(world, "renamed", character, **_change(before, name))


def swap_names(world: World, character: Character, other: Character) -> Event:
    """Swap the names of two characters."""
    for one in (character, other):
        world.remove_character(one)
    character.name, other.name = other.name, character.name
    for one in (character, other):
        world.add_character(one)
    world.touch(character, character.guild, other, other.guild)
    return _event(world, "swapped_names", character, other=describe(other))


def change_faction(world: World, character: Character) -> Event:
    """Change the faction: a new id and race, the same name and guild."""
    before = character.id
    character.id = world.new_character_id()
    character.faction = opposite(character.faction)
    if RACES[character.race_id].faction != character.faction:
        character.race_id = races_for(character.class_id, character.faction)[0].id
    world.touch(character, character.guild)
    return _event(world, "changed_faction", character, old_id=before, to=character.faction)


def move_realm(world: World, character: Character, realm: Realm, name: str | None = None) -> Event:
    """Move to another realm of the region with a new id, leaving the guild unless the realms are connected."""
    before, left, before_id = character.realm, character.guild, character.id
    if realm.region != before.region:
        raise ValueError("characters do not move between regions")
    _move(world, character, realm, name or character.name)
    character.id = world.new_character_id()
    if left is not None and left.realm.connected_realm_id != realm.connected_realm_id:
        leave(world, character)
    world.touch(character, left)
    return _event(world, "moved_realm", character, left, old_id=before_id, **_change(before.slug, realm.slug))


def delete_character(world: World, character: Character) -> Event:
    """Delete the character."""
    guild = character.guild
    if guild is not None:
        leave(world, character)
    remove_from_account(character)
    world.remove_character(character)
    return _event(world, "deleted", character, guild)


def set_level(world: World, character: Character, level: int) -> Event:
    """Set the level."""
    character.level = level
    world.touch(character, character.guild)
    return _event(world, "leveled", character, to=level)


def set_spec(world: World, character: Character, spec_id: int | None) -> Event:
    """Set the specialization, or none."""
    character.spec_id = spec_id
    world.touch(character)
    return _event(world, "changed_spec", character, to=spec_id)


def set_gear(world: World, character: Character, average: int, equipped: int) -> Event:
    """Set the item levels."""
    character.average_item_level, character.equipped_item_level = average, equipped
    world.touch(character)
    return _event(world, "changed_gear", character, to=average)


def log_in(world: World, character: Character) -> Event:
    """Log in and change nothing but the snapshot."""
    world.touch(character)
    return _event(world, "logged_in", character)


def set_profile_status(world: World, character: Character, status: int) -> Event:
    """Set the status (200, 403 or 404) of the character's documents."""
    if status not in (200, 403, 404):
        raise ValueError("profile must be 200, 403 or 404")
    character.answer = status
    world.touch(character)
    return _event(world, "profile_answers", character, to=status)


def set_validity(world: World, character: Character, is_valid: bool) -> Event:
    """Set ``is_valid`` of the character's status document."""
    character.is_valid = is_valid
    world.touch(character)
    return _event(world, "validity", character, to=is_valid)


def transfer(world: World, character: Character, person: Persona | None, wow_account: int | None = None) -> Event:
    """Transfer the character to another account; None is an owner without a persona."""
    before = character.owner.name if character.owner else None
    if person is None:
        remove_from_account(character)
    else:
        add_to_account(person, character, wow_account)
    return _event(world, "transferred", character, **_change(before, person.name if person else None))


def rename_guild(world: World, guild: Guild, name: str) -> Event:
    """Rename the guild, which changes its URL."""
    before = describe_guild(guild)
    _change_address(world, guild, guild.realm, name)
    return _guild_event(world, "guild_renamed", guild, before=before)


def move_guild(world: World, guild: Guild, realm: Realm) -> Event:
    """Move the guild to another realm with a new id; its members stay on their realms."""
    before = describe_guild(guild)
    _change_address(world, guild, realm, guild.name)
    guild.id = world.new_guild_id()
    return _guild_event(world, "guild_moved", guild, before=before)


def cut_roster(world: World, guild: Guild, cut: RosterCut | None, *, later: bool = True) -> Event:
    """List only some members (all for None), with a later Last-Modified or the same."""
    guild.cut = cut
    if later:
        world.touch(guild)
    return _guild_event(world, "roster_cut", guild, members=cut.members if cut else len(guild.members))


def disband(world: World, guild: Guild) -> Event:
    """Disband the guild."""
    world.remove_guild(guild)
    for member in guild.members:
        member.guild = None
        world.touch(member)
    guild.members.clear()
    return _guild_event(world, "guild_disbanded", guild)


def change_battletag(world: World, person: Persona, battletag: str) -> Event:
    """Change the BattleTag; the Battle.net id stays."""
    before, person.battletag = person.battletag, battletag
    return {
        "kind": "battletag",
        "day": world.clock.day,
        "persona": person.name,
        "from": before,
        "to": battletag,
    }


def collect(world: World, person: Persona, mount_id: int) -> Event:
    """Add a mount to the collection."""
    if mount_id not in MOUNTS:
        raise ValueError(f"there is no mount {mount_id}")
    if mount_id not in person.mounts:
        person.mounts = sorted([*person.mounts, mount_id])
    return {"kind": "collected", "day": world.clock.day, "persona": person.name, "mount_id": mount_id}


def describe(character: Character) -> Event:
    """Return what identifies the character, for events and ground truth."""
    return {
        "id": character.id,
        "name": character.name,
        "realm_slug": character.realm.slug,
        "region": character.region,
    }


def describe_guild(guild: Guild) -> Event:
    """Return what identifies the guild, for events and ground truth."""
    return {
        "id": guild.id,
        "name": guild.name,
        "slug": guild.slug,
        "realm_slug": guild.realm.slug,
        "region": guild.region,
    }


def _guild_of(character: Character) -> Guild:
    if character.guild is None:
        raise ValueError(f"{character.name} is in no guild")
    return character.guild


def _check_rank(rank: int) -> None:
    if not 0 <= rank <= 9:
        raise ValueError("a rank is 0 to 9")


def _assign_rank(character: Character, rank: int) -> None:
    if rank == 0:
        for member in _guild_of(character).members:
            member.rank = max(member.rank, 1)
    character.rank = rank


def _move(world: World, character: Character, realm: Realm, name: str) -> None:
    is_same_place = (realm, name.lower()) == (character.realm, character.name.lower())
    if not is_same_place and not world.is_free(realm, name):
        raise ValueError(f"{name} of {realm.slug} is taken")
    world.remove_character(character)
    character.realm, character.name = realm, name
    world.add_character(character)


def _change_address(world: World, guild: Guild, realm: Realm, name: str) -> None:
    before = guild.realm, guild.name
    world.remove_guild(guild)
    guild.realm, guild.name = realm, name
    try:
        world.add_guild(guild)
    except ValueError:
        guild.realm, guild.name = before
        world.add_guild(guild)
        raise
    world.touch(guild, *guild.members)


def _change(before: object, after: object) -> Event:
    return {"from": before, "to": after}


def _event(world: World, kind: str, character: Character, left: Guild | None = None, /, **more: Any) -> Event:
    guild = left or character.guild
    return {
        "kind": kind,
        "day": world.clock.day,
        "guild": describe_guild(guild) if guild else None,
        "character": describe(character),
        **more,
    }


def _guild_event(world: World, kind: str, guild: Guild, **more: Any) -> Event:
    return {"kind": kind, "day": world.clock.day, "guild": describe_guild(guild), "character": None, **more}
