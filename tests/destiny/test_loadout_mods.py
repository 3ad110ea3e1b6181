"""Mods of a loadout that belong to no item: which armor gets them, and what is left out."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from destiny.door import OwnDestiny
from destiny.loadouts.mods import Piece, fit
from destiny.loadouts.sockets import Socket, Sockets, sockets_of
from destiny.manifest.items import unknown_item
from destiny.manifest.readers import open_manifest
from destiny.models import Item, MovePlan
from sync.destiny.jobs import open_plan_job
from tests.battlenet import Sandbox
from tests.destiny.conftest import run_job
from tests.destiny.moves.owned import connect
from tests.destiny.people import Connected, Run, RunProfile
from tests.html import text_of

EMPTY, GENERAL, LARGE_GENERAL, FOR_HEAD, FOR_ARMS, CHEAP_FOR_HEAD, WORN = 1, 2, 3, 4, 5, 6, 7
COSTS = {EMPTY: 0, GENERAL: 1, LARGE_GENERAL: 3, FOR_HEAD: 4, FOR_ARMS: 4, CHEAP_FOR_HEAD: 1, WORN: 2}
DEFINITIONS = {key: replace(unknown_item(key), energy_cost=cost) for key, cost in COSTS.items()}
GENERAL_MODS, HEAD_MODS, ARMS_MODS = (
    (EMPTY, GENERAL, LARGE_GENERAL),
    (EMPTY, FOR_HEAD, CHEAP_FOR_HEAD),
    (EMPTY, FOR_ARMS),
)
HELMET = 3448274439


def piece(capacity: int, *options: tuple[int, ...], now: tuple[int, ...] = (), **chosen: int) -> Piece:
    """Return armor with these sockets, empty but for `now`; the loadout's own plugs are `socket_0` and so on."""
    now = now or (EMPTY,) * len(options)
    sockets = [Socket(place, now[place], some) for place, some in enumerate(options)]
    return Piece(Sockets(sockets, now, capacity), {int(key[-1]): plug for key, plug in chosen.items()})


def fitted(mods: list[int], *pieces: Piece) -> tuple[list[dict[int, int]], tuple[int, ...]]:
    filled, left_out = fit(mods, pieces, DEFINITIONS)
    return [dict(one.plugs) for one in filled], left_out


def test_mods_go_where_their_kind_fits_and_general_ones_anywhere() -> None:
    head, arms = piece(10, GENERAL_MODS, HEAD_MODS), piece(10, GENERAL_MODS, ARMS_MODS)
    mods = [GENERAL, GENERAL, FOR_ARMS, FOR_HEAD, 99]
    assert fitted(mods, head, arms) == ([{0: GENERAL, 1: FOR_HEAD}, {0: GENERAL, 1: FOR_ARMS}], (99,))


def test_a_mod_goes_where_there_is_energy_for_it_or_is_left_out() -> None:
    head, arms = piece(6, GENERAL_MODS, HEAD_MODS, HEAD_MODS), piece(2, GENERAL_MODS, ARMS_MODS)
    assert fitted([LARGE_GENERAL], arms, head) == ([{}, {0: LARGE_GENERAL}], ())
    assert fitted([FOR_ARMS, FOR_HEAD, FOR_HEAD], head, arms) == ([{1: FOR_HEAD}, {}], (FOR_ARMS, FOR_HEAD))
    assert fitted([LARGE_GENERAL, GENERAL], arms, head) == ([{0: GENERAL}, {0: LARGE_GENERAL}], ())


def test_mods_with_few_sockets_and_expensive_ones_get_theirs_first() -> None:
    head, arms = piece(3, GENERAL_MODS, HEAD_MODS), piece(3, GENERAL_MODS)
    assert fitted([LARGE_GENERAL, CHEAP_FOR_HEAD], head, arms) == ([{1: CHEAP_FOR_HEAD}, {0: LARGE_GENERAL}], ())
    weak, strong = piece(1, GENERAL_MODS), piece(3, GENERAL_MODS)
    assert fitted([GENERAL, LARGE_GENERAL], weak, strong) == ([{0: GENERAL}, {0: LARGE_GENERAL}], ())
    assert fitted([GENERAL], weak, strong) == ([{}, {0: GENERAL}], ())


def test_armor_of_unknown_energy_takes_what_fits_nowhere_else() -> None:
    unknown, known = piece(0, GENERAL_MODS), piece(3, GENERAL_MODS)
    assert fitted([LARGE_GENERAL, LARGE_GENERAL], unknown, known) == ([{0: LARGE_GENERAL}] * 2, ())
    assert fitted([LARGE_GENERAL], unknown, known) == ([{}, {0: LARGE_GENERAL}], ())


def test_the_loadouts_own_plugs_stay_and_a_mod_stays_where_it_is() -> None:
    own = piece(10, HEAD_MODS, HEAD_MODS, socket_0=CHEAP_FOR_HEAD)
    assert fitted([FOR_HEAD, FOR_HEAD], own) == ([{0: CHEAP_FOR_HEAD, 1: FOR_HEAD}], (FOR_HEAD,))
    there = piece(10, HEAD_MODS, HEAD_MODS, now=(EMPTY, FOR_HEAD))
    assert fitted([FOR_HEAD], there) == ([{1: FOR_HEAD}], ())


def test_a_free_socket_is_filled_before_another_mod_is_replaced() -> None:
    half = piece(10, (WORN, *HEAD_MODS), (WORN, *HEAD_MODS), now=(WORN, EMPTY))
    assert fitted([FOR_HEAD], half) == ([{1: FOR_HEAD}], ())
    full = piece(6, (WORN, *HEAD_MODS), (WORN, *HEAD_MODS), now=(WORN, WORN))
    assert fitted([FOR_HEAD, FOR_HEAD], full) == ([{0: FOR_HEAD}], (FOR_HEAD,))


@pytest.fixture
def own(connected: Connected, run: Run, run_profile: RunProfile, sync_manifest: Callable[[], str]) -> OwnDestiny:
    """What the officer owns, with all definitions."""
    sync_manifest()
    return connect("officer", connected, run, run_profile)


def test_a_player_equips_a_loadout_of_dim_with_its_mods(own: OwnDestiny, sandbox: Sandbox) -> None:
    manifest, guardian = open_manifest("en"), own.guardians.order_by("character_id").first()
    assert manifest is not None
    assert guardian is not None
    worn = own.items.filter(guardian=guardian, place=Item.Place.EQUIPPED)
    helmet = worn.get(bucket_hash=HELMET)
    general, *others = sockets_of(manifest, [helmet])[helmet.instance_id or 0].choices[:4]
    definitions = manifest.items({*general.options, *others[0].options})
    mods = [
        next(one for one in socket.options if definitions[one].energy_cost == 1 and one not in helmet.details["plugs"])
        for socket in (general, others[0])
    ]
    document = {
        "name": "Mods",
        "classType": 3,
        "equipped": [{"id": str(helmet.instance_id), "hash": helmet.item_hash}],
        "unequipped": [],
        "parameters": {"mods": [*mods, 123456]},
    }
    browser = Client()
    browser.force_login(own.account.user, "allauth.account.auth_backends.AuthenticationBackend")
    page = browser.post("/destiny/loadouts/import/", {"text": json.dumps(document)}, follow=True)
    address, who = page.redirect_chain[-1][0], {"guardian": str(guardian.character_id)}
    text = text_of(browser.get(address, who))
    left_out = text.index("Left out: no armor has a socket and enough energy for them.")
    assert text.index(definitions[mods[1]].name) < left_out < text.index("#123456")
    applied = browser.post(f"{address}apply/", who, follow=True)
    assert "Left out, because no armor has a socket and enough energy for them: #123456." in text_of(applied)
    run_job(open_plan_job(own.membership))
    assert MovePlan.objects.get().state == MovePlan.State.DONE
    helmet.refresh_from_db()
    assert mods[1] in helmet.details["plugs"]
    assert any(mods[0] in one.details.get("plugs", ()) for one in worn)
    assert {one["action"] for one in sandbox.bungie_actions()["actions"]} == {"InsertSocketPlugFree"}
    assert "wears all of it that you have" in text_of(browser.get(address, who))
