"""Without its settings, Destiny leaves no trace: no address, no menu entry, no schedule, no admin entry."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver
from django_celery_beat.models import PeriodicTask
from pytest_django.asserts import assertContains

from accounts.models import User
from accounts.services import grant_admin
from guildsite.destiny_urls import DestinyResolver
from operations.capacity import capacities
from operations.doctor.examination import examine
from sync.destiny.kinds import KINDS
from sync.destiny.schedules import update_schedules
from sync.engine import providers
from sync.engine.kinds import all_kinds
from tests.personas import browser_of

PAGES = ("/", "/accounts/login/", "/home/", "/account/", "/account/data/", "/characters/", "/admin/", "/admin/status/")
WORDS = ("destiny", "bungie")


@pytest.fixture
def site_admin(people: Callable[[str], User]) -> Client:
    ada = people("Ada")
    grant_admin(battletag=ada.battletag)
    return browser_of(User.objects.get(pk=ada.pk))


def addresses() -> Iterator[str]:
    """Yield an address of each page of Destiny."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, DestinyResolver):
            yield from _below(resolver.url_patterns)


def _below(patterns: Any, prefix: str = "") -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield f"/{prefix}{one.pattern}"
        else:
            yield from _below(one.url_patterns, f"{prefix}{one.pattern}")


def test_no_address_answers(site_admin: Client, settings: Any) -> None:
    of_admin = [f"/admin/{one._meta.app_label}/{one._meta.model_name}/" for one in destiny_models()]
    known = [*addresses(), *of_admin]
    assert {"/account/bungie/", "/accounts/bungie/login/", "/admin/destiny/bungieaccount/"} <= set(known)
    assert all(site_admin.get(one).status_code != 404 for one in ("/account/bungie/", *of_admin))
    settings.DESTINY_ENABLED = False
    for address in known:
        assert site_admin.get(address).status_code == 404, address
        assert site_admin.post(address).status_code == 404, address


def destiny_models() -> list[Any]:
    return [one for one in admin.site._registry if one._meta.app_label == "destiny" or one.__name__ == "BungieJob"]


def test_no_page_mentions_it(site_admin: Client, settings: Any) -> None:
    assertContains(site_admin.get("/account/"), "Connect Bungie account")
    settings.DESTINY_ENABLED = False
    for client in (site_admin, Client()):
        for page in PAGES:
            text = client.get(page, follow=True).content.decode().lower()
            assert not [word for word in WORDS if word in text], page


def test_there_is_no_schedule_job_or_provider(db: None, settings: Any) -> None:
    due = {f"Due: {tier.name}" for kind in KINDS for tier in kind.tiers}
    assert set(PeriodicTask.objects.filter(name__in=due).values_list("name", flat=True)) == due
    settings.DESTINY_ENABLED = False
    update_schedules()
    assert not PeriodicTask.objects.filter(name__in=due).exists()
    assert {one.provider for one in all_kinds()} == {"blizzard"}
    assert [one.name for one in providers.providers()] == [one.provider.name for one in capacities()] == ["blizzard"]
    assert not [one for one in examine() if any(word in f"{one.cause} {one.text}".lower() for word in WORDS)]
    settings.DESTINY_ENABLED = True
    update_schedules()
    update_schedules()
    assert PeriodicTask.objects.filter(name__in=due).count() == len(due)
