"""GetProfile: components about the account and its characters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sandbox.bungie import cards
from sandbox.bungie.accounts.account import Account, Guardian, Item, Loadout
from sandbox.bungie.accounts.rolls import stats_of
from sandbox.bungie.clock import Clock, minted, timestamp
from sandbox.bungie.documents.items import item_document
from sandbox.bungie.documents.progress import character_progressions, collectibles
from sandbox.bungie.people import Membership
from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, Json, hash_of

PUBLIC, PRIVATE = 1, 2
_PLUGS = 16
_LEVEL = 50
# Weapons, armor, subclass and artifact.
_LOADOUT_ITEMS = 10
_EMPTY_LOADOUT = {
    "colorHash": game.UNSET,
    "iconHash": game.UNSET,
    "nameHash": game.UNSET,
    "items": [{"itemInstanceId": game.NO_INSTANCE, "plugItemHashes": [game.UNSET] * _PLUGS}] * _LOADOUT_ITEMS,
}
_EPOCH = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class ProfileContext:
    """Whose profile is rendered, from which state of the account, and whether the owner asks."""

    clock: Clock
    definitions: Definitions
    membership: Membership
    account: Account
    is_owner: bool

    def by_character(self, render: "Callable[[ProfileContext, Guardian], object]") -> Json:
        """Return a document of each character."""
        return {str(one.id): render(self, one) for one in self.account.guardians.values()}


class Component(NamedTuple):
    """A component: key of the answer, its name in the query, who sees it, and what renders its data."""

    key: str
    name: str
    privacy: int
    render: Callable[[ProfileContext], object]


def render_profile(context: ProfileContext, wanted: set[int], moment: datetime) -> Json:
    """Return the answer without item components: those wanted, with data only for those who may see it."""
    answer: Json = {"responseMintedTimestamp": minted(moment), "secondaryComponentsMintedTimestamp": _EPOCH}
    if wanted & SECONDARY:
        answer["secondaryComponentsMintedTimestamp"] = minted(moment)
    for number, component in COMPONENTS.items():
        if number in wanted:
            answer[component.key] = shown(component.render, context, component.privacy)
    return answer


def shown(render: Callable[[ProfileContext], object], context: ProfileContext, privacy: int) -> Json:
    """Return a component with its data, or without if it is not for the caller."""
    if privacy == PRIVATE and not context.is_owner:
        return {"privacy": PRIVATE}
    return {"data": render(context), "privacy": privacy}


def _profile(context: ProfileContext) -> Json:
    seasons = list(context.definitions.tables["Season"])
    return {
        "userInfo": cards.card(context.membership),
        "dateLastPlayed": cards.last_played(context.clock, context.membership),
        "versionsOwned": 8191,
        "characterIds": [str(one) for one in context.account.guardians],
        "seasonHashes": seasons,
        "eventCardHashesOwned": [],
        "currentSeasonHash": seasons[-1],
        "currentSeasonRewardPowerCap": 550,
        "currentGuardianRank": 6,
        "lifetimeHighestGuardianRank": 8,
        "renewedGuardianRank": 6,
    }


def _items(context: ProfileContext, items: list[Item]) -> Json:
    return {"items": [item_document(context.definitions, one) for one in items]}


def _profile_inventory(context: ProfileContext) -> Json:
    places = (game.VAULT, game.CONSUMABLES, game.MODIFICATIONS)
    return _items(context, [one for one in context.account.of(0) if one.bucket in places])


def _currencies(context: ProfileContext) -> Json:
    places = (game.GLIMMER, game.BRIGHT_DUST, game.SILVER)
    return _items(context, [one for one in context.account.of(0) if one.bucket in places])


def _progression(context: ProfileContext) -> Json:
    (artifact,) = context.definitions.tables["Artifact"]
    bar = {
        "progressionHash": hash_of("artifact bar"), "dailyProgress": 0, "dailyLimit": 0, "weeklyProgress": 0,
        "weeklyLimit": 0, "currentProgress": 4000, "level": 4, "levelCap": -1, "stepIndex": 4,
        "progressToNextLevel": 500, "nextLevelAt": 1000,
    }  # fmt: skip
    seasonal = {
        "artifactHash": artifact, "pointProgression": bar, "pointsAcquired": 4, "powerBonusProgression": bar,
        "powerBonus": 3,
    }  # fmt: skip
    return {"checklists": {}, "seasonalArtifact": seasonal}


def light_of(account: Account, guardian: Guardian) -> int:
    """Return the average power of weapons and armor."""
    buckets = (*game.WEAPON_BUCKETS, *game.ARMOR_BUCKETS)
    powers = [one.power for one in account.equipped(guardian.id) if one.bucket in buckets]
    return sum(powers) // len(powers) if powers else 10


def _character(context: ProfileContext, guardian: Guardian) -> Json:
    account, seconds = context.account, guardian.minutes % 240
    emblem = next(one for one in account.equipped(guardian.id) if one.bucket == game.EMBLEM)
    row, light = context.definitions.item(emblem.hash), light_of(account, guardian)
    return {
        "membershipId": str(context.membership.id), "membershipType": context.membership.type,
        "characterId": str(guardian.id), "dateLastPlayed": cards.last_played(context.clock, context.membership),
        "minutesPlayedThisSession": str(seconds), "minutesPlayedTotal": str(guardian.minutes), "light": light,
        "stats": {str(game.POWER_STAT): light, **_armor_stats(context, guardian)},
        "raceHash": game.RACES[guardian.race][0], "genderHash": game.GENDERS[guardian.gender][0],
        "classHash": game.CLASSES[guardian.class_type][0], "raceType": guardian.race,
        "classType": guardian.class_type, "genderType": guardian.gender,
        "emblemPath": row["displayProperties"]["icon"], "emblemBackgroundPath": row["secondaryIcon"],
        "emblemHash": emblem.hash, "emblemColor": {"red": emblem.hash % 200, "green": 30, "blue": 60, "alpha": 255},
        "levelProgression": {
            "progressionHash": 1716568313, "dailyProgress": 0, "dailyLimit": 0, "weeklyProgress": 0, "weeklyLimit": 0,
            "currentProgress": 0, "level": _LEVEL, "levelCap": _LEVEL, "stepIndex": _LEVEL, "progressToNextLevel": 0,
            "nextLevelAt": 0,
        },
        "baseCharacterLevel": _LEVEL, "percentToNextLevel": 0.0,
    }  # fmt: skip


def _armor_stats(context: ProfileContext, guardian: Guardian) -> dict[str, int]:
    sums = dict.fromkeys(game.ARMOR_STATS, 0)
    for item in context.account.equipped(guardian.id):
        if item.bucket in game.ARMOR_BUCKETS:
            for stat, value in stats_of(context.definitions, item).items():
                sums[stat] += value
    return {str(stat): value for stat, value in sums.items()}


def _inventory(context: ProfileContext, guardian: Guardian) -> Json:
    return _items(context, [one for one in context.account.of(guardian.id) if not one.is_equipped])


def _equipment(context: ProfileContext, guardian: Guardian) -> Json:
    return _items(context, context.account.equipped(guardian.id))


def _activities(context: ProfileContext, guardian: Guardian) -> Json:
    mode = context.definitions.tables["Activity"].get(guardian.activity, {}).get("directActivityModeHash", 0)
    return {
        "dateActivityStarted": timestamp(context.clock.last_reset()), "availableActivities": [],
        "currentActivityHash": guardian.activity, "currentActivityModeHash": mode, "lastCompletedStoryHash": 0,
    }  # fmt: skip


def _loadouts(context: ProfileContext, guardian: Guardian) -> Json:
    return {"loadouts": [_loadout(context, one) if one else _EMPTY_LOADOUT for one in guardian.loadouts]}


def _loadout(context: ProfileContext, loadout: Loadout) -> Json:
    items = [
        {"itemInstanceId": str(instance), "plugItemHashes": _plugs(context, instance, plugs)}
        for instance, plugs in loadout.items
    ]
    return {"colorHash": loadout.color, "iconHash": loadout.icon, "nameHash": loadout.name, "items": items}


def _plugs(context: ProfileContext, instance: int, plugs: list[int]) -> list[int]:
    """Return 16 hashes; a socket without a choice has the hash for "not set"."""
    item = context.account.instance(instance)
    row = context.definitions.item(item.hash) if item else {}
    entries = row.get("sockets", {}).get("socketEntries", [])
    chosen = [
        plug if "reusablePlugSetHash" in entry or "randomizedPlugSetHash" in entry else game.UNSET
        for plug, entry in zip(plugs, entries, strict=False)
    ]
    return (chosen + [game.UNSET] * _PLUGS)[:_PLUGS]


def _lookups(context: ProfileContext, guardian: Guardian) -> Json:
    items = (one for one in (*context.account.of(0), *context.account.of(guardian.id)) if not one.instance)
    return {"itemQuantities": {str(one.hash): one.quantity for one in items}}


def _per_character(render: Callable[[ProfileContext, Guardian], object]) -> Callable[[ProfileContext], object]:
    return lambda context: context.by_character(render)


def _nothing(context: ProfileContext) -> Json:
    return {}


SECONDARY = {700, 800, 900, 1000, 1100, 1200, 1300}
COMPONENTS = {
    100: Component("profile", "Profiles", PUBLIC, _profile),
    101: Component("vendorReceipts", "VendorReceipts", PRIVATE, lambda context: {"receipts": []}),
    102: Component("profileInventory", "ProfileInventories", PRIVATE, _profile_inventory),
    103: Component("profileCurrencies", "ProfileCurrencies", PRIVATE, _currencies),
    104: Component("profileProgression", "ProfileProgression", PRIVATE, _progression),
    105: Component("platformSilver", "PlatformSilver", PRIVATE, lambda context: cards.platform_silver()),
    200: Component("characters", "Characters", PUBLIC, _per_character(_character)),
    201: Component("characterInventories", "CharacterInventories", PRIVATE, _per_character(_inventory)),
    202: Component("characterProgressions", "CharacterProgressions", PRIVATE, _per_character(character_progressions)),
    204: Component("characterActivities", "CharacterActivities", PRIVATE, _per_character(_activities)),
    205: Component("characterEquipment", "CharacterEquipment", PUBLIC, _per_character(_equipment)),
    206: Component("characterLoadouts", "CharacterLoadouts", PRIVATE, _per_character(_loadouts)),
    600: Component("characterCurrencyLookups", "CurrencyLookups", PRIVATE, _per_character(_lookups)),
    700: Component("profilePresentationNodes", "PresentationNodes", PUBLIC, _nothing),
    800: Component("profileCollectibles", "Collectibles", PUBLIC, collectibles),
    900: Component("profileRecords", "Records", PUBLIC, _nothing),
    1000: Component("profileTransitoryData", "Transitory", PRIVATE, _nothing),
    1100: Component("metrics", "Metrics", PUBLIC, _nothing),
    1200: Component("profileStringVariables", "StringVariables", PRIVATE, _nothing),
    1300: Component("characterCraftables", "Craftables", PRIVATE, _per_character(lambda context, guardian: {})),
    1400: Component("profileCommendations", "SocialCommendations", PUBLIC, _nothing),
}
