"""The roster brake: an answer that would throw out a large part of a guild is not believed the first time.

A bad answer of Battle.net must not cost a whole guild its memberships and rights. People do leave together sometimes:
then the next answer says the same.
"""

import hashlib
from collections.abc import Sequence

from guilds.models import Guild
from sync.services.identities import Listed, address_of

# A guild that loses more than this share of its members between two syncs is doubted, unless they are few.
LARGEST_LOSS = 0.25
FEW = 5


def doubts(guild: Guild, members: Sequence[Listed], *, before: int, leavers: int) -> bool:
    """Whether this roster waits for a second answer. The doubt is kept on the guild, unsaved, until it is settled.

    `before` is the number of our memberships, `leavers` how many of them the roster does not have.
    """
    digest = _digest(members)
    is_large = leavers > FEW and leavers > before * LARGEST_LOSS
    if not (is_large or (before and not members)) or guild.doubted_roster == digest:
        guild.doubted_roster = ""
        return False
    guild.doubted_roster = digest
    return True


def _digest(members: Sequence[Listed]) -> str:
    """The same members give the same digest, whatever their order, ranks and levels."""
    addresses = sorted(f"{realm_id} {name}" for realm_id, name in map(address_of, members))
    return hashlib.sha256("\n".join(addresses).encode()).hexdigest()
