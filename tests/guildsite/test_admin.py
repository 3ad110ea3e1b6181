"""The admin as site admins see it: every page opens, and none shows a secret."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule

from accounts.models import BattlenetToken, User
from accounts.services import grant_admin
from characters.models import Character, Realm
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from permissions.models import Grant, PermissionSet, Rank
from tests.html import fields, text_of

pytestmark = pytest.mark.django_db


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def one_of_each() -> None:
    """Create a row of every model that has a page."""
    call_command("sync_account", "Pebblecup#11902")
    guild = Guild.objects.all()[:1].get()
    officers = PermissionSet.objects.create(guild=guild, name="Officers")
    Rank.objects.update_or_create(
        guild=guild, rank_level=1, defaults={"rank_name": "Warden", "permission_set": officers}
    )
    if not TimelineEvent.objects.exists():
        TimelineEvent.objects.create(guild=guild, kind=TimelineEvent.Kind.RENAMED, happened_at=timezone.now())
    Grant.objects.create(
        guild=guild, user=User.objects.all()[:1].get(), reason="Raid week", expires_at="2030-01-01T00:00Z"
    )
    someone = Character.objects.all()[:1].get()
    OfficerNote.objects.create(guild=guild, about_character=someone, text="Late twice")
    TodoItem.objects.create(guild=guild, character=someone, kind="REMOVE", from_rank=5, expires_at="2030-01-01T00:00Z")
    Group.objects.create(name="Friends")
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="Once an hour", task="sync.tasks.dispatch", interval=interval)
    CrontabSchedule.objects.create()
    SolarSchedule.objects.create(event="sunset", latitude=1, longitude=1)
    ClockedSchedule.objects.create(clocked_time="2030-01-01T00:00Z")


@pytest.fixture
def site_admin(sign_in: Callable[..., Any], client: Client) -> Client:
    """The persona "social" as a site admin."""
    sign_in("social")
    grant_admin(battletag="Pebblecup#11902")
    return client


def changelists() -> Iterator[str]:
    return (address(model, "changelist") for model in admin.site._registry)


def test_every_list_and_page_opens_without_a_secret(site_admin: Client) -> None:
    one_of_each()
    secret = str(BattlenetToken.objects.get().access_token)
    broken = []
    assert {User, BattlenetToken, SocialAccount, PeriodicTask, Rank} <= set(admin.site._registry)
    for model, model_admin in admin.site._registry.items():
        some = model._default_manager.first()
        assert some is not None, f"make a {model.__name__} for this test"
        pages = [address(model, "changelist"), address(model, "change", some.pk), address(model, "history", some.pk)]
        if model_admin.search_fields:
            pages += [f"{pages[0]}?q={words}" for words in ("Pebblecup", "4711", "x'%20--", str(some.pk))]
        if model_admin.list_filter:
            pages.append(f"{pages[0]}?_facets=True")
        for page in pages:
            response = site_admin.get(page)
            if response.status_code != 200 or secret in response.content.decode():
                broken.append((page, response.status_code))
    assert broken == []


def test_ids_are_plain_digits_and_other_numbers_have_separators(site_admin: Client) -> None:
    one_of_each()
    User.objects.update(battlenet_id=123456789)
    Guild.objects.update(blizzard_id=123456789, achievement_points=4321)
    Character.objects.update(blizzard_id=123456789, wow_account_id=123456789, account_blizzard_id=123456789)
    Membership.objects.update(roster_blizzard_id=123456789)
    Realm.objects.update(connected_realm_id=123456789)
    realm = Realm.objects.create(id=123456789, region="eu", slug="far", name="Far", connected_realm_id=123456789)
    shown = [address(User, "changelist"), address(Realm, "changelist"), address(Realm, "change", realm.pk)]
    shown += [address(model, "change", model.objects.all()[:1].get().pk) for model in (User, Guild, Character)]
    shown.append(address(Membership, "change", Membership.objects.all()[:1].get().pk))
    for page in shown:
        content = text_of(site_admin.get(page))
        assert "123456789" in content, page
        assert "123,456,789" not in content, page
    assert address(Realm, "change", realm.pk) in site_admin.get(address(Realm, "changelist")).content.decode()
    assert "4,321" in text_of(site_admin.get(address(Guild, "change", Guild.objects.all()[:1].get().pk)))


def test_plain_text_tokens_and_mail_addresses_are_not_listed(site_admin: Client) -> None:
    page = text_of(site_admin.get("/admin/"))
    assert "Battle.net tokens" in page
    for unwanted in ("Email addresses", "Social application tokens", "Social applications"):
        assert unwanted not in page


def test_a_token_can_be_deleted_but_not_written(site_admin: Client) -> None:
    token = BattlenetToken.objects.get()
    assert site_admin.get(address(BattlenetToken, "add")).status_code == 403
    assert site_admin.post(address(BattlenetToken, "change", token.pk), {"scopes": "openid"}).status_code == 403
    site_admin.post(address(BattlenetToken, "delete", token.pk), {"post": "yes"})
    assert not BattlenetToken.objects.exists()
    assert "Sign in again" in text_of(site_admin.get("/characters/"))


def test_a_site_admin_deactivates_an_account(site_admin: Client) -> None:
    rolf = User.objects.create_user(4711, "Rolf#1")
    page = address(User, "change", rolf.pk)
    assert site_admin.post(page, {"groups": []}).status_code == 302
    rolf.refresh_from_db()
    assert not rolf.is_active


def test_visitors_are_sent_to_the_sign_in_and_back(client: Client) -> None:
    for page in ["/admin/", *changelists()]:
        response = client.get(page, follow=True)
        assert response.status_code == 200
        assert "Sign in with Battle.net" in text_of(response)
        assert f'name="next" value="{page}"' in response.content.decode()


def test_members_get_403(sign_in: Callable[..., Any], client: Client) -> None:
    sign_in("guildmaster")
    for page in ["/admin/", *changelists()]:
        response = client.get(page, follow=True)
        assert (response.status_code, "You don't have access to this page" in text_of(response)) == (403, True), page


def test_there_are_no_passwords(site_admin: Client) -> None:
    visitor = Client()
    assert 'type="password"' not in visitor.get("/admin/login/?next=/admin/", follow=True).content.decode()
    assert visitor.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302
    page = text_of(site_admin.get("/admin/"))
    assert "Pebblecup" in page
    assert "password" not in page.lower()
    assert site_admin.get("/admin/password_change/").status_code == 404
    assert site_admin.post("/admin/password_change/", {"new_password1": "x"}).status_code == 404


def test_signing_in_returns_to_the_requested_page(sign_in: Callable[..., Any], site_admin: Client) -> None:
    somewhere_else = Client()
    response = sign_in("social", client=somewhere_else, next="/admin/accounts/user/")
    assert response["Location"] == "/admin/accounts/user/"
    assert somewhere_else.get(response["Location"]).status_code == 200


def test_a_permission_set_opens_with_its_permissions_and_saves_unchanged(site_admin: Client) -> None:
    one_of_each()
    officers = PermissionSet.objects.get(name="Officers")
    PermissionSet.objects.filter(pk=officers.pk).update(rights=["guilds.refresh", "guilds.view"])
    page = site_admin.get(address(PermissionSet, "change", officers.pk))
    sent = fields(page)
    assert set(sent["rights"]) == {"guilds.refresh", "guilds.view"}
    assert site_admin.post(page.request["PATH_INFO"], sent | {"name": "Wardens"}).status_code == 302
    officers.refresh_from_db()
    assert (officers.name, officers.rights) == ("Wardens", {"guilds.refresh", "guilds.view"})


def test_an_edit_conflict_saves_nothing(site_admin: Client) -> None:
    one_of_each()
    rank = Rank.objects.get(rank_name="Warden")
    page = site_admin.get(address(Rank, "change", rank.pk))
    PermissionSet.objects.filter(pk=rank.permission_set_id).update(name="Renamed")
    refused = site_admin.post(page.request["PATH_INFO"], fields(page) | {"rank_name": "Keeper"})
    assert "Someone else saved first." in text_of(refused)
    rank.refresh_from_db()
    assert rank.rank_name == "Warden"
