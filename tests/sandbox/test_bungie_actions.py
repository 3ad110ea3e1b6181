"""Actions on items and loadouts follow the game's rules."""

from typing import Any

import pytest
import requests

from sandbox.bungie.actions.log import ActionLog
from sandbox.bungie.content import Edition
from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Json

KINETIC, VAULT, POSTMASTER, CONSUMABLES, EMBLEM = 1498876634, 138197802, 215593132, 1469714392, 4274335291
ARMOR = (3448274439, 3551918588, 14239492, 20886954, 1585787867)
UNSET = 2166136261
STRIKE, RAID, SOCIAL = 3, 4, 40
DEFINITIONS = Edition(1, 0).definitions


class Player:
    """A persona with one guardian, or the first of several."""

    def __init__(self, bungie: BungieClient, persona: str = "wanderer") -> None:
        self.bungie = bungie
        self.persona = persona
        self.membership = bungie.person(persona)["memberships"][0]
        self.guardian = self.truth()["guardians"][0]["id"]

    def truth(self) -> Json:
        return self.bungie.client.control(f"truth/bungie/{self.membership['id']}")

    def items(self, **wanted: Any) -> list[Json]:
        found = self.truth()["items"]
        return [one for one in found if all(one[key] == value for key, value in wanted.items())]

    def mine(self, bucket: int, *, is_equipped: bool = False) -> list[Json]:
        return self.items(holder=self.guardian, bucket=bucket, is_equipped=is_equipped)

    def send(self, action: str, **body: Any) -> requests.Response:
        """Send an action without waiting; None leaves a key out."""
        full = {"characterId": self.guardian, "membershipType": self.membership["type"], **body}
        path = f"Destiny2/Actions/{action}/"
        return self.bungie.post(path, self.persona, json={key: one for key, one in full.items() if one is not None})

    def code(self, action: str, **body: Any) -> int:
        """Send an action after the pause that it needs, and return the error code."""
        self.bungie.control("clock", {"seconds": 1})
        return int(self.send(action, **body).json()["ErrorCode"])

    def transfer(self, item: Json, to_vault: bool, **body: Any) -> int:
        full = {"itemReferenceHash": item["hash"], "itemId": item["instance"], "stackSize": 1, **body}
        return self.code("Items/TransferItem", transferToVault=to_vault, **full)

    def go(self, mode: object) -> None:
        self.bungie.control("activity", {"guardian": self.guardian, "mode": mode})


@pytest.fixture
def player(bungie: BungieClient) -> Player:
    return Player(bungie)


def tier(item: Json) -> int:
    return int(DEFINITIONS.item(item["hash"])["inventory"]["tierType"])


def test_an_item_moves_to_the_vault_and_back(player: Player) -> None:
    item = player.mine(KINETIC)[0]
    assert player.transfer(item, True) == 1
    assert player.items(instance=item["instance"])[0]["bucket"] == VAULT
    assert player.transfer(item, True) == 1623
    assert player.transfer(item, False) == 1
    assert player.items(instance=item["instance"])[0] == item


def test_a_successful_action_answers_zero(player: Player) -> None:
    item = player.mine(KINETIC)[0]
    document = player.send("Items/SetLockState", itemId=item["instance"], state=True).json()
    assert (document["Response"], document["ErrorStatus"]) == (0, "Success")


def test_an_item_does_not_move_from_character_to_character_in_one_call(bungie: BungieClient) -> None:
    player = Player(bungie, "guildmaster")
    item = player.mine(KINETIC)[0]
    other = player.truth()["guardians"][1]["id"]
    assert player.transfer(item, False, characterId=other) == 1623
    assert player.transfer(item, True, characterId=other) == 1623


def test_an_equipped_item_stays(player: Player) -> None:
    assert player.transfer(player.mine(KINETIC, is_equipped=True)[0], True) == 1656


def test_a_bucket_holds_ten(bungie: BungieClient) -> None:
    player = Player(bungie, "guildmaster")
    vault = player.items(bucket=VAULT)
    weapons = [one for one in vault if DEFINITIONS.item(one["hash"])["inventory"]["bucketTypeHash"] == KINETIC]
    free = 10 - len(player.items(holder=player.guardian, bucket=KINETIC))
    codes = [player.transfer(one, False) for one in weapons[: free + 1]]
    assert codes == [1] * free + [1642]
    assert len(player.items(holder=player.guardian, bucket=KINETIC)) == 10


def test_what_the_vault_does_not_take_has_a_misleading_error(player: Player) -> None:
    assert player.transfer(player.mine(EMBLEM)[0], True) == 1627


def test_a_stack_moves_in_parts(player: Player) -> None:
    stack = next(one for one in player.items(bucket=CONSUMABLES) if one["quantity"] > 5)
    assert player.transfer(stack, True, stackSize=5) == 1
    here, there = (player.items(hash=stack["hash"], bucket=bucket)[0] for bucket in (CONSUMABLES, VAULT))
    assert (here["quantity"], there["quantity"]) == (stack["quantity"] - 5, 5)
    assert player.transfer(stack, True, stackSize=10_000) == 1622
    assert player.transfer(there, False, stackSize=5) == 1
    assert player.items(hash=stack["hash"], bucket=VAULT) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"transferToVault": None}, 1623), ({"membershipType": 1}, 3), ({"characterId": "1"}, 1620),
        ({"itemId": "1"}, 1623), ({"itemReferenceHash": 1}, 1623), ({"itemId": None}, 1622),
    ],
)  # fmt: skip
def test_a_wrong_transfer_says_so(player: Player, change: Json, code: int) -> None:
    item = player.mine(KINETIC)[0]
    body = {"itemReferenceHash": item["hash"], "itemId": item["instance"], "stackSize": 1, "transferToVault": True}
    answer = player.send("Items/TransferItem", **{**body, **change}).json()
    assert (answer["ErrorCode"], answer["Response"]) == (code, 0)
    assert player.mine(KINETIC)[0] == item


def test_nobody_moves_items_of_others(bungie: BungieClient, player: Player) -> None:
    item = player.mine(KINETIC)[0]
    body = {
        "itemReferenceHash": item["hash"], "itemId": item["instance"], "stackSize": 1, "transferToVault": True,
        "characterId": player.guardian, "membershipType": 3,
    }  # fmt: skip
    path = "Destiny2/Actions/Items/TransferItem/"
    assert bungie.post(path, "raider", json=body).json()["ErrorCode"] == 1620
    assert bungie.post(path, json=body).json()["ErrorCode"] == 99
    assert bungie.post(path, "wanderer", data=body).json()["ErrorCode"] == 30


def test_the_postmaster_gives_items_back(player: Player) -> None:
    item = next(one for one in player.mine(POSTMASTER) if one["instance"] != "0")
    slot = DEFINITIONS.item(item["hash"])["inventory"]["bucketTypeHash"]
    body = {"itemReferenceHash": item["hash"], "itemId": item["instance"], "stackSize": 1}
    assert player.transfer(item, True) == 1623
    assert player.code("Items/PullFromPostmaster", **body) == 1
    assert player.items(instance=item["instance"])[0]["bucket"] == slot
    assert player.code("Items/PullFromPostmaster", **body) == 1623


def test_equipping_replaces_what_is_in_the_slot(player: Player) -> None:
    item = next(one for one in player.mine(KINETIC) if tier(one) == 5)
    assert player.code("Items/EquipItem", itemId=item["instance"]) == 1
    (equipped,) = player.mine(KINETIC, is_equipped=True)
    assert equipped["instance"] == item["instance"]


def test_an_item_in_the_vault_is_not_equipped(player: Player) -> None:
    assert player.code("Items/EquipItem", itemId=player.items(bucket=VAULT)[0]["instance"]) == 1623


def test_only_one_exotic_piece_of_armor_is_worn(player: Player) -> None:
    worn = next(one for bucket in ARMOR for one in player.mine(bucket, is_equipped=True) if tier(one) == 6)
    slots = [bucket for bucket in ARMOR if bucket != worn["bucket"]]
    other = next(one for bucket in slots for one in player.mine(bucket) if tier(one) == 6)
    assert player.code("Items/EquipItem", itemId=other["instance"]) == 1641
    plain = next(one for one in player.mine(worn["bucket"]) if tier(one) == 5)
    assert player.code("Items/EquipItem", itemId=plain["instance"]) == 1
    assert player.code("Items/EquipItem", itemId=other["instance"]) == 1


def test_armor_of_another_class_is_not_worn(bungie: BungieClient) -> None:
    player = Player(bungie, "guildmaster")
    class_type = player.truth()["guardians"][0]["class_type"]
    theirs = next(
        one
        for one in player.items(bucket=VAULT)
        if DEFINITIONS.item(one["hash"])["classType"] not in (class_type, 3)
        and len(player.mine(DEFINITIONS.item(one["hash"])["inventory"]["bucketTypeHash"])) < 9
    )
    assert player.transfer(theirs, False) == 1
    assert player.code("Items/EquipItem", itemId=theirs["instance"]) == 1639


def test_equipment_is_locked_in_raids(player: Player) -> None:
    item = next(one for one in player.mine(KINETIC) if tier(one) == 5)
    player.go(RAID)
    assert player.code("Items/EquipItem", itemId=item["instance"]) == 1640
    player.go(STRIKE)
    assert player.code("Items/EquipItem", itemId=item["instance"]) == 1


def test_several_items_are_equipped_as_far_as_they_can_be(player: Player) -> None:
    item, vaulted = next(one for one in player.mine(KINETIC) if tier(one) == 5), player.items(bucket=VAULT)[0]
    answer = player.send("Items/EquipItems", itemIds=[item["instance"], "12345", vaulted["instance"]])
    results = answer.json()["Response"]["equipResults"]
    assert results == [
        {"itemInstanceId": item["instance"], "equipStatus": 1},
        {"itemInstanceId": vaulted["instance"], "equipStatus": 1623},
    ]
    assert player.code("Items/EquipItems", itemId=item["instance"]) == 3


def test_items_are_locked_and_quests_tracked(player: Player) -> None:
    item, quest = player.mine(KINETIC)[0], player.mine(1345459588)[1]
    assert player.code("Items/SetLockState", itemId=item["instance"], state=True) == 1
    assert player.items(instance=item["instance"])[0]["state"] & 1
    assert player.code("Items/SetLockState", itemId=item["instance"], state=False) == 1
    assert not player.items(instance=item["instance"])[0]["state"] & 1
    assert player.code("Items/SetTrackedState", itemId=quest["instance"], state=True) == 1
    assert player.items(instance=quest["instance"])[0]["state"] & 2
    assert player.code("Items/SetTrackedState", itemId=item["instance"], state=True) == 1622


def plug(place: int, wanted: int) -> Json:
    return {"socketIndex": place, "socketArrayType": 0, "plugItemHash": wanted}


def test_a_shader_is_put_into_its_socket(player: Player) -> None:
    helmet = player.mine(ARMOR[0], is_equipped=True)[0]
    entry = DEFINITIONS.item(helmet["hash"])["sockets"]["socketEntries"][4]
    shaders = DEFINITIONS.plugs_of(entry["reusablePlugSetHash"])
    wanted = next(one for one in shaders if one != helmet["plugs"][4])
    answer = player.send("Items/InsertSocketPlugFree", itemId=helmet["instance"], plug=plug(4, wanted)).json()
    assert answer["Response"]["item"]["sockets"]["data"]["sockets"][4]["plugHash"] == wanted
    assert player.items(instance=helmet["instance"])[0]["plugs"][4] == wanted


def test_sockets_refuse_what_does_not_belong(player: Player) -> None:
    helmet = player.mine(ARMOR[0], is_equipped=True)[0]

    def code(place: int, wanted: int) -> int:
        return player.code("Items/InsertSocketPlugFree", itemId=helmet["instance"], plug=plug(place, wanted))

    assert code(99, 1) == 1677
    assert code(4, helmet["plugs"][4]) == 1679
    assert code(4, helmet["hash"]) == 1680
    assert code(4, 1) == 1663
    blocked = player.send("Items/InsertSocketPlugFree", itemId=helmet["instance"], plug=plug(10, 1))
    player.bungie.control("clock", {"seconds": 1})
    blocked = player.send("Items/InsertSocketPlugFree", itemId=helmet["instance"], plug=plug(10, 1)).json()
    assert blocked["ErrorCode"] == 1678
    assert "request.plug.socketIndex" in blocked["MessageData"]


def identifiers(place: int) -> Json:
    constants = DEFINITIONS.tables["LoadoutConstants"][1]
    return {f"{key}Hash": constants[f"loadout{key.title()}Hashes"][place] for key in ("name", "icon", "color")}


def loadout(player: Player, place: int) -> Any:
    return player.truth()["guardians"][0]["loadouts"][place]


def test_a_loadout_is_saved_renamed_equipped_and_cleared(player: Player) -> None:
    before = player.mine(KINETIC, is_equipped=True)[0]
    assert player.code("Loadouts/SnapshotLoadout", loadoutIndex=7, **identifiers(1)) == 1
    assert before["instance"] in loadout(player, 7)["items"]
    other = next(one for one in player.mine(KINETIC) if tier(one) == 5)
    assert player.code("Items/EquipItem", itemId=other["instance"]) == 1
    assert player.code("Loadouts/UpdateLoadoutIdentifiers", loadoutIndex=7, **identifiers(2)) == 1
    assert loadout(player, 7)["name"] == identifiers(2)["nameHash"]
    assert player.code("Loadouts/EquipLoadout", loadoutIndex=7) == 1
    assert player.mine(KINETIC, is_equipped=True)[0]["instance"] == before["instance"]
    assert player.code("Loadouts/ClearLoadout", loadoutIndex=7) == 1
    assert loadout(player, 7) is None
    assert player.code("Loadouts/EquipLoadout", loadoutIndex=7) == 1622


@pytest.mark.parametrize("change", [{"nameHash": None}, {"iconHash": UNSET}, {"colorHash": 5}, {"loadoutIndex": 20}])
def test_a_loadout_needs_all_identifiers(player: Player, change: Json) -> None:
    body = {"loadoutIndex": 7, **identifiers(1), **change}
    answer = player.send("Loadouts/SnapshotLoadout", **body)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (500, 1622)


@pytest.mark.parametrize(("mode", "code"), [("orbit", 1), (SOCIAL, 1), (None, 1), (STRIKE, 1671), (RAID, 1671)])
def test_loadouts_are_equipped_in_orbit_and_social_spaces_only(player: Player, mode: object, code: int) -> None:
    player.go(mode)
    assert player.code("Loadouts/EquipLoadout", loadoutIndex=0) == code
    assert player.code("Loadouts/ClearLoadout", loadoutIndex=5) == 1


def test_too_quick_actions_are_refused_and_counted(player: Player) -> None:
    item = player.mine(KINETIC)[0]
    first, second = (player.send("Items/SetTrackedState", itemId=item["instance"], state=True) for _ in range(2))
    assert first.json()["ErrorCode"] == 1622
    assert (second.status_code, second.json()["ErrorCode"], second.json()["ThrottleSeconds"]) == (429, 36, 0)
    log = player.bungie.control("actions")
    assert log["too_early"] == {"SetTrackedState": 1}
    assert [(one["code"], one["too_early"]) for one in log["actions"]] == [("1622", False), ("36", True)]


def test_pauses_are_those_of_one_person_and_one_action() -> None:
    log = ActionLog()

    def is_too_early(person: str, action: str, now: float) -> bool:
        return log.receive(person, action, {}, 1.0, now).is_too_early

    assert [is_too_early("a", "x", now) for now in (0.0, 0.9, 1.0)] == [False, True, False]
    assert not is_too_early("a", "y", 1.1)
    assert not is_too_early("b", "x", 1.1)


def test_every_action_is_noted_even_if_its_answer_is_lost(player: Player) -> None:
    item = player.mine(KINETIC)[0]
    fault = {"path": "/Platform/Destiny2/Actions/", "code": 1618, "times": 1}
    player.bungie.client.control("faults", {**fault, "after": True})
    assert player.transfer(item, True) == 1618
    assert player.items(instance=item["instance"])[0]["bucket"] == VAULT
    player.bungie.client.control("faults", fault)
    assert player.transfer(item, False) == 1618
    assert player.items(instance=item["instance"])[0]["bucket"] == VAULT
    log = player.bungie.control("actions")["actions"]
    assert [(one["person"], one["action"], one["code"]) for one in log] == [("wanderer", "TransferItem", "1618")] * 2
    assert [one["body"]["transferToVault"] for one in log] == [True, False]


def test_a_write_is_read_only_after_some_seconds(player: Player) -> None:
    player.bungie.control("accounts", {"lag_seconds": 5})
    item = player.mine(KINETIC)[0]
    address = f"Destiny2/3/Profile/{player.membership['id']}/?components=201"

    def shown() -> list[str]:
        document = player.bungie.read(address, "wanderer")["characterInventories"]["data"][player.guardian]
        return [one.get("itemInstanceId", "") for one in document["items"]]

    assert player.transfer(item, True) == 1
    assert item["instance"] in shown()
    player.bungie.control("clock", {"seconds": 6})
    assert item["instance"] not in shown()
