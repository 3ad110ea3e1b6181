"""The roster brake: an answer that would throw out a large part of a guild is not believed the first time.

A bad answer of Battle.net must not cost a whole guild its memberships and rights. People do leave together sometimes:
then the next answer says the same.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from guilds.models import Guild
from sync.services.identities import Listed, address_of

# A guild that loses more than this share of its members between two syncs is doubted, unless they are few.
LARGEST_LOSS = 0.25
FEW = 5
MISSING = "missing since "


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


def is_missing_since(guild: Guild) -> datetime | None:
    """Since when Battle.net does not know the guild where it was; None while it does."""
    marked = guild.doubted_roster.startswith(MISSING)
    return datetime.fromisoformat(guild.doubted_roster.removeprefix(MISSING)) if marked else None


def missed(guild: Guild, since: datetime) -> None:
    """Remember that the guild is missing: nobody is thrown out for that before a later answer says the same."""
    guild.doubted_roster = f"{MISSING}{since.isoformat()}"
    guild.save(update_fields=("doubted_roster", "updated_at"))


def _digest(members: Sequence[Listed]) -> str:
    """The same members give the same digest, whatever their order, ranks and levels."""
    addresses = sorted(f"{realm_id} {name}" for realm_id, name in map(address_of, members))
    return hashlib.sha256("\n".join(addresses).encode()).hexdigest()
