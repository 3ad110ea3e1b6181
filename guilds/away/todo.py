"""From the list of members who are away onto the to-do."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.away.members import Line
from guilds.away.rule import Action
from guilds.models import Guild, Membership
from guilds.todo.services import AddedItems, add_items


@transaction.atomic
def add_lines(
    *, guild: Guild, actor: User, lines: Iterable[Line], kind: str, to_rank: int | None, reason: str
) -> AddedItems:
    """Put all characters of these lines on the to-do, each line as its rule says, or with `kind` all the same.

    Without a `reason` it is the rule's name. The number of statements depends on the number of rules only. Refused,
    besides those of `add_items`, are members whose rule only warns. Raises PermissionDenied.
    """
    groups: dict[tuple[str, int | None, str], list[Membership]] = {}
    added = AddedItems([], [])
    for line in lines:
        what, rank = (kind, to_rank) if kind else (line.rule.action, line.rule.to_rank)
        if what == Action.WARN:
            added.refused.append(_("%(name)s: the rule only warns. Choose what to do.") % {"name": line.member.name})
            continue
        members = [Membership(pk=one.place.id) for one in (line.member, *line.others)]
        groups.setdefault((what, rank, reason or line.rule.name), []).extend(members)
    for (what, rank, why), members in groups.items():
        done = add_items(guild=guild, actor=actor, members=members, kind=what, to_rank=rank, reason=why)
        added.items.extend(done.items)
        added.refused.extend(done.refused)
    return added
