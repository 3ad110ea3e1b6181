"""Loadouts that players build here: the builder, comparison, links, DIM, and whose they are."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from api.tokens import make_token
from destiny.api.area import VIEW
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.services import share_loadout
from destiny.manifest.readers import Manifest
from destiny.models import DestinyMembership, Guardian, Item, Loadout
from tests.destiny.loadouts.conftest import HELMET, KINETIC, PLACE, SUBCLASS, fields_of, stored, worn_build
from tests.html import text_of


def test_a_player_builds_one_from_what_a_guardian_wears(
    browser: Client, guardian: Guardian, membership: DestinyMembership, manifest: Manifest
) -> None:
    page = browser.get("/destiny/loadouts/new/", {"guardian": str(guardian.character_id), "start": "equipped"})
    fields = fields_of(page.content.decode())
    unnamed = browser.post("/destiny/loadouts/new/", {**fields, "save": "1"})
    assert (unnamed.status_code, "Enter a name." in text_of(unnamed)) == (422, True)
    fields = fields_of(unnamed.content.decode())
    saved = browser.post(
        "/destiny/loadouts/new/", {**fields, "name": "Raid night", "notes": "Bring\na friend", "save": "1"}
    )
    assert saved.status_code == 302
    loadout = Loadout.objects.get()
    worn = {one.instance_id for one in guardian.items.filter(place=PLACE.EQUIPPED)}
    build = Build.of(loadout)
    assert (loadout.name, loadout.notes, loadout.class_type) == ("Raid night", "Bring\na friend", guardian.class_type)
    assert len(build.items) == 9
    assert {one.instance_id for one in build.items} <= worn
    subclass = next(one for one in build.items if manifest.items([one.hash])[one.hash].bucket_hash == SUBCLASS)
    assert len(subclass.plugs) == 11
    text = text_of(browser.get(saved["Location"]))
    assert "Raid night" in text
    assert "wears all of it that you have" in text


def test_a_search_shows_more_items_and_keeps_what_was_chosen(
    browser: Client, guardian: Guardian, membership: DestinyMembership, manifest: Manifest
) -> None:
    page = browser.get("/destiny/loadouts/new/", {"guardian": str(guardian.character_id), "start": "equipped"})
    fields = fields_of(page.content.decode())
    names = manifest.items(set(membership.items.filter(place=PLACE.VAULT).values_list("item_hash", flat=True)))
    wanted = next(one for one in names.values() if one.bucket_hash == KINETIC)
    query = wanted.name.split()[0].lower()
    found = browser.post("/destiny/loadouts/new/", {**fields, f"q-{KINETIC}": query, "name": "Draft", "show": "1"})
    again = fields_of(found.content.decode())
    assert found.status_code == 200
    assert not Loadout.objects.exists()
    assert f'value="{wanted.hash}-' in found.content.decode()
    assert again[f"slot-{KINETIC}"] == fields[f"slot-{KINETIC}"]
    assert again["name"] == ["Draft"]
    other = membership.items.filter(item_hash=wanted.hash, instance_id__isnull=False).first()
    assert other is not None
    changed = {**again, f"slot-{KINETIC}": f"{other.item_hash}-{other.instance_id}", "save": "1"}
    assert browser.post("/destiny/loadouts/new/", changed).status_code in {302, 422}


def test_the_games_rules_are_checked(browser: Client, guardian: Guardian, manifest: Manifest) -> None:
    by_slot: dict[int, list[tuple[str, Any]]] = {}
    for item in Item.objects.filter(instance_id__isnull=False):
        definition = manifest.items([item.item_hash]).get(item.item_hash)
        if definition is not None:
            by_slot.setdefault(definition.bucket_hash, []).append((f"{item.item_hash}-{item.instance_id}", definition))
    exotic = {
        slot: next(value for value, one in listed if one.is_exotic)
        for slot, listed in by_slot.items()
        if slot in (KINETIC, 2465295065)
    }
    own = next(value for value, one in by_slot[HELMET] if one.class_type not in (3, guardian.class_type))
    data = {"name": "Wrong", "class": guardian.class_type, "save": "1", f"slot-{HELMET}": own}
    data |= {f"slot-{slot}": value for slot, value in exotic.items()}
    refused = browser.post("/destiny/loadouts/new/", data)
    assert refused.status_code == 422
    text = text_of(refused)
    assert "Only one exotic weapon can be worn" in text
    assert "These are for another class" in text
    assert not Loadout.objects.exists()


def test_two_windows_do_not_overwrite_each_other_unnoticed(
    browser: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian))
    address = f"/destiny/loadouts/{loadout.pk}/edit/"
    first = fields_of(browser.get(address).content.decode())
    second = dict(first)
    assert browser.post(address, {**first, "name": "First", "save": "1"}).status_code == 302
    late = browser.post(address, {**second, "name": "Second", "save": "1"})
    assert (late.status_code, "saved in another window" in text_of(late)) == (409, True)
    loadout.refresh_from_db()
    assert loadout.name == "First"
    again = fields_of(late.content.decode())
    assert again["name"] == ["Second"]
    assert browser.post(address, {**again, "save": "1"}).status_code == 302
    loadout.refresh_from_db()
    assert (loadout.name, loadout.revision) == ("Second", 3)


def test_plugs_are_kept_with_their_item_and_others_are_refused(
    browser: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian))
    address = f"/destiny/loadouts/{loadout.pk}/edit/"
    content = browser.get(address).content.decode()
    field, options = next(iter(re.findall(r'<select name="(plug-\d+-\d+)">(.*?)</select>', content, re.DOTALL)))
    plug = re.findall(r'value="(\d+)"', options)[-1]
    browser.post(address, {**fields_of(content), field: plug, "save": "1"})
    loadout.refresh_from_db()
    _, instance, socket = field.split("-")
    plugs = {one["instance"]: one.get("plugs", {}) for one in loadout.items}
    assert plugs[int(instance)] == {socket: int(plug)}
    content = browser.get(address).content.decode()
    browser.post(address, {**fields_of(content), field: "123456", "save": "1"})
    loadout.refresh_from_db()
    assert {one["instance"]: one.get("plugs", {}) for one in loadout.items}[int(instance)] == {}


def test_the_comparison_says_what_is_elsewhere_and_what_is_gone(
    browser: Client, guardian: Guardian, membership: DestinyMembership, manifest: Manifest
) -> None:
    build = worn_build(guardian)
    vaulted = next(
        one
        for one in membership.items.filter(place=PLACE.VAULT, instance_id__isnull=False)
        if manifest.items([one.item_hash])[one.item_hash].bucket_hash == 953998645
    )
    gone = BuildItem(987654321, 42)
    loadout = stored(
        membership,
        Build(
            "Mixed", "", guardian.class_type, (*build.items, BuildItem(vaulted.item_hash, vaulted.instance_id), gone)
        ),
    )
    text = text_of(browser.get(f"/destiny/loadouts/{loadout.pk}/", {"guardian": guardian.character_id}))
    assert f"{guardian} differs in 1 slot." in text
    assert "1 item is not in your inventory." in text
    assert f"{manifest.items([vaulted.item_hash])[vaulted.item_hash].name} Vault now" in text
    assert "#987654321 not in your inventory" in text


def test_a_link_shows_the_loadout_and_nobodys_name_until_it_is_ended(
    browser: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian, "Shared"))
    visitor = Client()
    made = browser.post(f"/destiny/loadouts/{loadout.pk}/share/", follow=True)
    (address,) = re.findall(r"/destiny/loadouts/shared/[\w-]+/", made.content.decode())
    page = visitor.get(address)
    content = page.content.decode()
    assert page.status_code == 200
    assert "Shared" in content
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in content
    assert membership.name not in content
    assert not any(str(one.instance_id) in content for one in Build.of(loadout).items)
    assert address.split("/")[-2] not in {value for (value,) in type(loadout.share).objects.values_list("token_hash")}
    named = browser.post(f"/destiny/loadouts/{loadout.pk}/share/", {"name": "1"}, follow=True)
    assert visitor.get(address).status_code == 404
    (address,) = re.findall(r"/destiny/loadouts/shared/[\w-]+/", named.content.decode())
    assert membership.name in visitor.get(address).content.decode()
    browser.post(f"/destiny/loadouts/{loadout.pk}/share/", {"end": "1"})
    assert visitor.get(address).status_code == 404


def test_dim_reads_what_is_exported_and_what_it_exports_is_imported(
    browser: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian))
    exported = browser.get(f"/destiny/loadouts/{loadout.pk}/export/")
    assert exported["Content-Disposition"] == 'attachment; filename="loadout.json"'
    document = exported.json()
    assert {one["id"] for one in document["equipped"]} == {str(one.instance_id) for one in Build.of(loadout).items}
    browser.post("/destiny/loadouts/import/", {"text": browser.get("/destiny/loadouts/export/").content.decode()})
    assert sorted(Build.of(one) == Build.of(loadout) for one in Loadout.objects.all()) == [True, True]
    refused = browser.post("/destiny/loadouts/import/", {"text": json.dumps([document, {"name": 7}])})
    assert refused.status_code == 422
    assert "the value at 1.name is not valid. Nothing was imported." in text_of(refused)
    assert Loadout.objects.count() == 2


def test_the_games_loadouts_are_listed_with_their_names_and_items(
    browser: Client, guardian: Guardian, membership: DestinyMembership, manifest: Manifest
) -> None:
    text = text_of(browser.get("/destiny/loadouts/"))
    assert "1. Evening 10 items" in text
    missing = guardian.loadouts[0]["items"][0][0]
    membership.items.filter(instance_id=missing).delete()
    page = browser.get(f"/destiny/loadouts/game/{guardian.character_id}/1/")
    assert "icon 1 · color 1" in text_of(page)
    assert "an item that you no longer have not in your inventory" in text_of(page)
    new = browser.get("/destiny/loadouts/new/", {"guardian": str(guardian.character_id), "start": "1"})
    assert len([one for one in fields_of(new.content.decode()) if one.startswith("slot-")]) >= 8
    assert browser.get(f"/destiny/loadouts/game/{guardian.character_id}/21/").status_code == 404


def test_nobody_reaches_the_loadouts_of_others(
    browser: Client, other: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian))
    share_loadout(loadout=loadout, shows_name=False)
    for path in ("", "edit/", "export/"):
        assert other.get(f"/destiny/loadouts/{loadout.pk}/{path}").status_code == 404
    for path in ("edit/", "apply/", "share/", "delete/"):
        assert other.post(f"/destiny/loadouts/{loadout.pk}/{path}").status_code == 404
    assert other.get(f"/destiny/loadouts/game/{guardian.character_id}/1/").status_code == 404
    assert loadout.name not in other.get("/destiny/loadouts/").content.decode()
    assert other.get("/destiny/loadouts/export/").json() == {"loadouts": []}
    assert browser.get(f"/destiny/loadouts/{UUID(int=1)}/").status_code == 404
    browser.post(f"/destiny/loadouts/{loadout.pk}/delete/")
    assert not Loadout.objects.exists()


def test_pages_take_as_many_statements_for_many_loadouts_and_items(
    browser: Client, guardian: Guardian, membership: DestinyMembership, django_assert_max_num_queries: Any
) -> None:
    small = stored(membership, Build("Small", items=worn_build(guardian).items[:1]))
    large = [stored(membership, worn_build(guardian, f"Number {one}")) for one in range(20)]
    for path in ("", f"{small.pk}/", f"{small.pk}/edit/"):
        browser.get(f"/destiny/loadouts/{path}")
    with django_assert_max_num_queries(14):
        browser.get("/destiny/loadouts/")
    with django_assert_max_num_queries(17):
        browser.get(f"/destiny/loadouts/{large[0].pk}/")
    with django_assert_max_num_queries(17):
        browser.get(f"/destiny/loadouts/{large[0].pk}/edit/")
    few, many = (
        stored(membership, replace(worn_build(guardian), mods=tuple(mods))) for mods in (range(1, 2), range(1, 30))
    )
    browser.get(f"/destiny/loadouts/{many.pk}/")
    for one in (few, many):
        with django_assert_max_num_queries(18):
            browser.get(f"/destiny/loadouts/{one.pk}/")


def test_programs_read_the_players_own_loadouts(
    browser: Client, other: Client, guardian: Guardian, membership: DestinyMembership
) -> None:
    loadout = stored(membership, worn_build(guardian))
    answer = browser.get("/api/loadouts").json()
    assert [one["name"] for one in answer["loadouts"]] == ["Mine"]
    assert len(answer["in_game"]) == 9
    assert {one["name"] for one in answer["in_game"]} == {"Evening", "Raid", "Solo"}
    assert all(one["hash"] for listed in answer["in_game"] for one in listed["items"])
    one = browser.get(f"/api/loadouts/{loadout.pk}").json()
    assert {item["id"] for item in one["items"]} == {str(item.instance_id) for item in Build.of(loadout).items}
    assert browser.get(f"/api/loadouts/{loadout.pk}/dim").json()["name"] == "Mine"
    for path in ("", "/dim"):
        assert other.get(f"/api/loadouts/{loadout.pk}{path}").status_code == 404
    assert other.get("/api/loadouts").json()["loadouts"] == []


def test_a_token_needs_the_permission_for_destiny(guardian: Guardian, membership: DestinyMembership) -> None:
    person = membership.account.user
    for permissions, status in (([VIEW], 200), (["guilds.view"], 403)):
        token = make_token(person=person, name="x", permissions=permissions, guild_ids=(), lifetime=timedelta(days=1))
        answer = Client().get("/api/loadouts", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
