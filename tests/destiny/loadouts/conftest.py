"""The guild master's membership, whose loadouts are built, and the builder's form."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from destiny.loadouts.build import Build, BuildItem
from destiny.loadouts.services import add_loadouts
from destiny.manifest.readers import Manifest, open_manifest
from destiny.models import BungieAccount, DestinyMembership, Guardian, Item, Loadout
from sync.destiny.jobs import BungieJob
from tests.destiny.people import Connected, Run, RunProfile
from tests.personas import browser_of

PLACE = Item.Place
KINETIC, HELMET, SUBCLASS = 1498876634, 3448274439, 3284755031


@pytest.fixture
def membership(
    connected: Connected, run: Run, run_profile: RunProfile, sync_manifest: Callable[[], str]
) -> DestinyMembership:
    """The guild master's membership, with three guardians and 900 items."""
    sync_manifest()
    account = connected("guildmaster")
    run(account, BungieJob.Kind.MEMBERSHIPS)
    membership = account.memberships.get(membership_type=3)
    run_profile(membership)
    return membership


@pytest.fixture
def manifest(membership: DestinyMembership) -> Manifest:
    opened = open_manifest("en")
    assert opened is not None
    return opened


@pytest.fixture
def browser(membership: DestinyMembership) -> Client:
    return browser_of(membership.account.user)


@pytest.fixture
def other(browser: Client, someone: User) -> Client:
    """A player who has a Bungie account and nothing else."""
    account = BungieAccount.objects.create(user=someone, bungie_id=7, name="Other#0001")
    DestinyMembership.objects.create(account=account, membership_type=3, membership_id=77)
    return browser_of(someone)


@pytest.fixture
def guardian(membership: DestinyMembership) -> Guardian:
    guardian = membership.guardians.first()
    assert guardian is not None
    return guardian


def fields_of(content: str) -> dict[str, Any]:
    """Return what a browser without scripts would send for the builder's form."""
    form = content[content.index('class="builder"') :]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="(\w+)"', tag)
        is_set = kind is None or kind[1] not in {"radio", "checkbox"} or "checked" in tag
        if name and is_set:
            fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = [chosen[1] if chosen else ""]
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields[name] = [text]
    return fields


def worn_build(guardian: Guardian, name: str = "Mine") -> Build:
    worn = guardian.items.filter(place=PLACE.EQUIPPED, bucket_hash__in=(KINETIC, HELMET, SUBCLASS)).order_by("pk")
    items = tuple(BuildItem(one.item_hash, one.instance_id) for one in worn)
    return Build(name=name, class_type=guardian.class_type, items=items)


def stored(membership: DestinyMembership, build: Build) -> Loadout:
    return add_loadouts(membership=membership, builds=[build])[0]
