"""Vendors and their stock, milestones, settings and search."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.bungie.content import Edition
from tests.sandbox.bungie import BungieClient
from tests.sandbox.client import Json

XUR, GUNSMITH, TAILOR = "2190858386", "672118013", "350061650"
DEFINITIONS = Edition(1, 0).definitions


def address(bungie: BungieClient, persona: str = "wanderer") -> str:
    membership = bungie.person(persona)["memberships"][0]
    guardian = bungie.client.control(f"truth/bungie/{membership['id']}")["guardians"][0]["id"]
    return f"Destiny2/{membership['type']}/Profile/{membership['id']}/Character/{guardian}/Vendors/"


def vendors(bungie: BungieClient, components: str = "400,401,402,600") -> Any:
    return bungie.read(f"{address(bungie)}?components={components}", "wanderer")


def until_reset(bungie: BungieClient, weekday: int) -> float:
    """Return the seconds until a minute after the next reset on this weekday."""
    now = datetime.fromisoformat(bungie.control("clock", {})["now"])
    reset = now.replace(hour=17, minute=1, second=0, microsecond=0)
    while reset <= now or reset.weekday() != weekday:
        reset += timedelta(days=1)
    return (reset - now).total_seconds()


def go_to(bungie: BungieClient, weekday: int) -> None:
    bungie.control("clock", {"seconds": until_reset(bungie, weekday)})


def stock(document: Json, vendor: str) -> list[str]:
    return list(document["sales"]["data"][vendor]["saleItems"])


def test_a_characters_vendors_sell_what_their_definitions_list(bungie: BungieClient) -> None:
    document = vendors(bungie)
    assert document["itemComponents"] == {}
    assert document["stringVariables"] == {"privacy": 2}
    for vendor, sales in document["sales"]["data"].items():
        items = DEFINITIONS.tables["Vendor"][int(vendor)]["itemList"]
        for index, sale in sales["saleItems"].items():
            assert int(index) == sale["vendorItemIndex"]
            assert items[int(index)]["itemHash"] == sale["itemHash"]
    listed = [one for group in document["vendorGroups"]["data"]["groups"] for one in group["vendorHashes"]]
    assert int(GUNSMITH) in listed


def test_costs_are_compared_with_what_the_account_has(bungie: BungieClient) -> None:
    document = vendors(bungie)
    owned = document["currencyLookups"]["data"]["itemQuantities"]
    for sales in document["sales"]["data"].values():
        for sale in sales["saleItems"].values():
            affordable = all(owned.get(str(cost["itemHash"]), 0) >= cost["quantity"] for cost in sale["costs"])
            assert (sale["saleStatus"] == 0) == affordable


def test_components_that_were_not_asked_for_have_no_data(bungie: BungieClient) -> None:
    document = vendors(bungie, "402")
    assert document["vendors"] == document["categories"] == {"privacy": 2}
    assert document["sales"]["data"]


def test_a_single_vendor_tells_about_its_items(bungie: BungieClient) -> None:
    components = "400,401,402,300,304,305,310"
    document = bungie.read(f"{address(bungie)}{GUNSMITH}/?components={components}", "wanderer")
    assert document["vendor"]["data"]["progression"]["level"] == 4
    sold = document["sales"]["data"]
    stats = document["itemComponents"]["stats"]["data"]
    assert stats
    assert stats.keys() <= sold.keys()
    weapon = next(iter(stats))
    assert document["itemComponents"]["sockets"]["data"][weapon]["sockets"]


def test_only_the_owner_sees_a_characters_vendors(bungie: BungieClient) -> None:
    path = f"{address(bungie)}?components=400"
    assert bungie.get(path).json()["ErrorCode"] == 99
    assert bungie.get(path, "raider").json()["ErrorCode"] == 12


def test_public_vendors_need_no_account(bungie: BungieClient) -> None:
    document = bungie.read("Destiny2/Vendors/?components=400,401,402")
    assert stock(document, GUNSMITH) == stock(vendors(bungie), GUNSMITH)
    assert all("saleStatus" not in one for one in document["sales"]["data"][GUNSMITH]["saleItems"].values())


def test_stock_changes_at_the_reset(bungie: BungieClient) -> None:
    go_to(bungie, weekday=2)
    before = vendors(bungie)
    go_to(bungie, weekday=3)
    after = vendors(bungie)
    assert stock(before, TAILOR) != stock(after, TAILOR)
    assert stock(before, GUNSMITH) == stock(after, GUNSMITH)
    assert before["vendors"]["data"][TAILOR]["nextRefreshDate"] < after["vendors"]["data"][TAILOR]["nextRefreshDate"]
    go_to(bungie, weekday=1)
    assert stock(vendors(bungie), GUNSMITH) != stock(before, GUNSMITH)


def test_dates_can_change_before_the_stock(bungie: BungieClient) -> None:
    go_to(bungie, weekday=2)
    before = vendors(bungie)
    bungie.control("stock_delay", {"seconds": 300})
    go_to(bungie, weekday=3)
    soon = vendors(bungie)
    assert before["vendors"]["data"][TAILOR]["nextRefreshDate"] < soon["vendors"]["data"][TAILOR]["nextRefreshDate"]
    assert stock(before, TAILOR) == stock(soon, TAILOR)
    bungie.control("clock", {"seconds": 300})
    assert stock(vendors(bungie), TAILOR) != stock(before, TAILOR)


def test_one_vendor_comes_on_fridays_and_leaves_on_tuesdays(bungie: BungieClient) -> None:
    go_to(bungie, weekday=4)
    here = vendors(bungie)
    assert here["vendors"]["data"][XUR]["enabled"]
    assert stock(here, XUR)
    go_to(bungie, weekday=1)
    gone = vendors(bungie)
    assert not gone["vendors"]["data"][XUR]["enabled"]
    assert stock(gone, XUR) == []
    assert bungie.get(f"{address(bungie)}{XUR}/?components=400", "wanderer").json()["ErrorCode"] == 1627


def test_some_vendors_never_restock(bungie: BungieClient) -> None:
    dates = {one["nextRefreshDate"] for one in vendors(bungie)["vendors"]["data"].values()}
    assert "9999-12-31T23:59:59.999Z" in dates


def test_milestones_are_those_of_the_week(bungie: BungieClient) -> None:
    document = bungie.read("Destiny2/Milestones/")
    weekly = [one for one in document.values() if "startDate" in one]
    assert len(weekly) == len(document) - 1 == 12
    assert all(datetime.fromisoformat(one["startDate"]).weekday() == 1 for one in weekly)
    activities = {activity["activityHash"] for one in weekly for activity in one["activities"]}
    assert activities <= DEFINITIONS.tables["Activity"].keys()
    number = weekly[0]["milestoneHash"]
    assert bungie.read(f"Destiny2/Milestones/{number}/Content/")["itemCategories"] == []


def test_a_characters_milestones_have_progress_and_rewards(bungie: BungieClient) -> None:
    path = address(bungie, "guildmaster").partition("Character/")[0]
    progress = bungie.read(f"{path}?components=202", "guildmaster")["characterProgressions"]["data"].values()
    milestones = [one for character in progress for one in character["milestones"].values()]
    earned = {one["rewards"][0]["entries"][0]["earned"] for one in milestones}
    assert earned == {True, False}
    for one in milestones:
        objectives = [challenge["objective"] for activity in one["activities"] for challenge in activity["challenges"]]
        assert all(done["complete"] == one["rewards"][0]["entries"][0]["earned"] for done in objectives)


def test_settings_and_alerts_tell_about_maintenance(bungie: BungieClient) -> None:
    settings = bungie.read("Settings/")
    assert settings["systems"]["Destiny2"]["enabled"]
    assert settings["destiny2CoreSettings"]["insertPlugFreeBlockedSocketTypeHashes"]
    assert bungie.read("GlobalAlerts/") == []
    bungie.control("maintenance", {"form": "json"})
    assert not bungie.read("Settings/")["systems"]["Destiny2"]["enabled"]
    assert len(bungie.read("GlobalAlerts/")) == 1
    assert bungie.get("Destiny2/Milestones/").status_code == 503


def test_people_are_found_by_bungie_name(bungie: BungieClient) -> None:
    def found(name: str, code: int) -> list[int]:
        body = {"displayName": name, "displayNameCode": code}
        answer = bungie.post("Destiny2/SearchDestinyPlayerByBungieName/-1/", json=body).json()["Response"]
        return [one["membershipType"] for one in answer]

    assert found("Morwick", 1185) == [3]
    assert found("Jörunn", 1734) == [1, 3]
    assert found("Nobody", 1) == []
