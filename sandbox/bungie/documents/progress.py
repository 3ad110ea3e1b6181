"""Progress of a character: milestones of the week, and collections."""

from typing import TYPE_CHECKING

from sandbox.bungie.accounts.account import Guardian
from sandbox.bungie.documents.items import objective_documents
from sandbox.bungie.world.definitions import Json, hash_of

if TYPE_CHECKING:
    from sandbox.bungie.documents.profiles import ProfileContext

_NOT_ACQUIRED = 1


def character_progressions(context: "ProfileContext", guardian: Guardian) -> Json:
    """Return milestones with their objectives and rewards; every third one is done."""
    tables = context.definitions.tables["Milestone"]
    milestones = {str(hash_): _milestone(context, hash_, row, guardian) for hash_, row in tables.items()}
    return {
        "progressions": {}, "factions": {}, "milestones": milestones, "quests": [], "uninstancedItemObjectives": {},
        "uninstancedItemPerks": {}, "checklists": {},
    }  # fmt: skip


def _milestone(context: "ProfileContext", hash_: int, row: Json, guardian: Guardian) -> Json:
    week = context.clock.last_reset(1).toordinal()
    is_done = (hash_of(hash_, guardian.id, week) % 3) == 0
    return {
        "milestoneHash": hash_,
        "availableQuests": [],
        "activities": [
            {
                "activityHash": one["conceptualActivityHash"],
                "challenges": [
                    {"objective": objective}
                    for challenge in one["challenges"]
                    for objective in objective_documents(
                        context.definitions, [challenge["challengeObjectiveHash"]], 99 if is_done else 0
                    )
                ],
            }
            for one in row["activities"]
        ],
        "rewards": [
            {
                "rewardCategoryHash": category["categoryHash"],
                "entries": [
                    {"rewardEntryHash": entry["rewardEntryHash"], "earned": is_done, "redeemed": is_done}
                    for entry in category["rewardEntries"].values()
                ],
            }
            for category in row["rewards"].values()
        ],
        "order": row["defaultOrder"],
    }


def collectibles(context: "ProfileContext") -> Json:
    """Return the state of every collectible: acquired or not."""
    collected = context.account.collected
    return {
        "recentCollectibleHashes": [],
        "newnessFlaggedCollectibleHashes": [],
        "collectibles": {
            str(number): {"state": 0 if number in collected else _NOT_ACQUIRED}
            for number in context.definitions.tables["Collectible"]
        },
        "collectionCategoriesRootNodeHash": 0,
        "collectionBadgesRootNodeHash": 0,
    }
