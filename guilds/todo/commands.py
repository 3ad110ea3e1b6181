"""The game's commands for a to-do list, in blocks that fit into a macro."""

from collections.abc import Iterable

from guilds.models import TodoItem

# The game accepts so many characters in a macro and in a line of chat; bytes are counted, which is never more lenient.
LONGEST_BLOCK = 255


def commands_for(item: TodoItem, rank_now: int) -> list[str]:
    """Return the item's commands; a promotion or demotion takes one for each rank between now and the wanted one."""
    if item.to_rank is None:
        return [item.command]
    is_promotion = item.kind == TodoItem.Kind.PROMOTE
    steps = rank_now - item.to_rank if is_promotion else item.to_rank - rank_now
    return [item.command] * steps


def blocks(commands: Iterable[str]) -> list[str]:
    """Return the commands, one a line, in blocks of at most 255 bytes."""
    found: list[str] = []
    for command in commands:
        longer = f"{found[-1]}\n{command}" if found else command
        if found and len(longer.encode()) <= LONGEST_BLOCK:
            found[-1] = longer
        else:
            found.append(command)
    return found


def blocks_for(items: Iterable[TodoItem]) -> list[str]:
    """Return the commands of open items, whose members are loaded, in blocks; those who left need none."""
    found: list[str] = []
    for item in items:
        place = getattr(item.character, "membership", None)
        if place is not None and place.guild_id == item.guild_id:
            found += commands_for(item, place.rank)
    return blocks(found)
