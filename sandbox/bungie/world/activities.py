"""Places, activities, milestones and their rewards."""

from sandbox.bungie.world.belongings import objective_row
from sandbox.bungie.world.definitions import Definitions, display, hash_of, icon
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names

ORBIT = 82913930
MODES = {
    2: Text("Story", "Histoire"),
    3: Text("Strike", "Assaut"),
    4: Text("Raid", "Raid"),
    5: Text("Crucible", "Épreuve"),
    6: Text("Patrol", "Exploration"),
    40: Text("Social", "Social"),
}
SOCIAL_MODE = 40
_PLACES, _PER_PLACE, MILESTONES = 6, 8, 12


def add_activities(definitions: Definitions, names: Names) -> None:
    """Add all of them. Activities of the social mode are where loadouts can be equipped; orbit has its own."""
    for mode, name in MODES.items():
        row = {
            "displayProperties": display(name, "", icon("mode", mode, kind="png")), "modeType": mode, "tier": 0,
            "activityModeCategory": 1, "isTeamBased": mode == 5, "isAggregateMode": False, "parentHashes": [],
            "friendlyName": name.en.lower(), "display": True, "order": mode,
        }  # fmt: skip
        definitions.add("ActivityMode", mode, row)
        definitions.add("ActivityType", mode, {"displayProperties": display(name)})
    modes = list(MODES)
    for place in range(_PLACES):
        place_name = names.next()
        place_hash = definitions.add(
            "Place", place, {"displayProperties": display(place_name, "", icon("place", place))}
        )
        row = {"displayProperties": display(place_name), "placeHash": place_hash, "defaultFreeroamActivityHash": 0}
        destination = definitions.add("Destination", place, {**row, "activityGraphEntries": [], "bubbles": []})
        for number in range(_PER_PLACE):
            _add_activity(
                definitions, f"{place} {number}", names.next(), modes[number % len(modes)], place_hash, destination
            )
    _add_activity(definitions, "orbit", Text("Orbit", "Orbite"), 2, 0, 0, ORBIT)
    for number in range(MILESTONES):
        _add_milestone(definitions, names, number)
    for number in range(8):
        row = {
            "displayProperties": display(names.next(), "", icon("modifier", number)),
            "displayInNavMode": True,
            "displayInActivitySelection": True,
        }
        definitions.add("ActivityModifier", number, row)


def _add_activity(
    definitions: Definitions, label: str, name: Text, mode: int, place: int, destination: int, number: int | None = None
) -> None:
    shown = display(name, "", icon("activity", label))
    row = {
        "displayProperties": shown, "originalDisplayProperties": shown, "releaseIcon": "", "releaseTime": 0,
        "activityLightLevel": 10, "destinationHash": destination, "placeHash": place,
        "activityTypeHash": hash_of("ActivityType", mode), "tier": 0, "pgcrImage": f"/img/pgcr/{hash_of(label)}.jpg",
        "rewards": [], "modifiers": [], "isPlaylist": False, "challenges": [], "optionalUnlockStrings": [],
        "inheritFromFreeRoam": False, "suppressOtherRewards": False, "playlistItems": [],
        "matchmaking": {"isMatchmade": mode == 3, "minParty": 1, "maxParty": 3, "maxPlayers": 3,
        "requiresGuardianOath": False},
        "directActivityModeHash": hash_of("ActivityMode", mode), "directActivityModeType": mode,
        "activityModeHashes": [hash_of("ActivityMode", mode)], "activityModeTypes": [mode], "isPvP": mode == 5,
        "insertionPoints": [], "activityLocationMappings": [],
    }  # fmt: skip
    definitions.add("Activity", label, row, number)


def _add_milestone(definitions: Definitions, names: Names, number: int) -> None:
    """Add a milestone. The first ones are weekly, with activities and rewards; the last only point to a vendor."""
    name, label = names.next(), f"milestone {number}"
    objective = definitions.add("Objective", label, objective_row(Text("Runs", "Parties"), 1 + number % 3))
    activities = [
        hash_ for hash_, row in definitions.tables["Activity"].items() if row["directActivityModeType"] in (3, 4, 5)
    ]
    reward = {
        "rewardEntryHash": hash_of(label, "entry"), "rewardEntryIdentifier": "weekly",
        "items": [{"itemHash": _engram(definitions, number), "quantity": 1}],
        "displayProperties": display(Text("Powerful reward", "Récompense puissante")), "order": 0,
    }  # fmt: skip
    row = {
        "displayProperties": display(name, Text("Play it this week.", "À jouer cette semaine."), icon(label)),
        "milestoneType": 3, "recruitable": False, "showInExplorer": True, "showInMilestones": True,
        "explorePrioritizesActivityImage": False, "hasPredictableDates": True, "isInGameMilestone": False,
        "defaultOrder": 100 * number,
        "activities": [
            {
                "conceptualActivityHash": activities[(3 * number + place) % len(activities)],
                "variants": {}, "challenges": [{"challengeObjectiveHash": objective}],
            }
            for place in range(2)
        ],
        "rewards": {str(hash_of(label, "category")): {
            "categoryHash": hash_of(label, "category"), "categoryIdentifier": "rewards", "order": 0,
            "displayProperties": display(Text("Rewards", "Récompenses")),
            "rewardEntries": {str(reward["rewardEntryHash"]): reward},
        }},
    }  # fmt: skip
    definitions.add("Milestone", label, row)


def _engram(definitions: Definitions, number: int) -> int:
    return hash_of("InventoryItem", f"engram {number % 16}")
