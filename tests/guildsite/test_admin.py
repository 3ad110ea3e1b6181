"""The admin as site admins see it: every page opens, and none shows a secret."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from accounts.models import BattlenetToken, SecurityEvent, User
from accounts.services import grant_admin
from characters.models import Character, Realm
from destiny.models import BungieAccount, DestinyMembership, Edition, Guardian
from guilds.guild_url import guild_url
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem
from permissions.models import Grant, PermissionSet, Rank
from sync.destiny.jobs import open_account_jobs
from tests.html import text_of

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
    one_of_each_of_destiny()


def one_of_each_of_destiny() -> None:
    user = User.objects.all()[:1].get()
    account = BungieAccount.objects.create(
        user=user, bungie_id=20000101, name="Quill#0042", access_token="bungie-token"
    )
    membership = DestinyMembership.objects.create(account=account, membership_type=3, membership_id=4611686018400000101)
    Guardian.objects.create(membership=membership, character_id=2305843009300000101)
    open_account_jobs(account)
    Edition.objects.get_or_create(version="1.2.3", defaults={"paths": {}})


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
    assert {User, BattlenetToken, PeriodicTask, Guild, Membership} <= set(admin.site._registry)
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
            text = response.content.decode()
            if response.status_code != 200 or secret in text or "bungie-token" in text:
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


def test_ranks_and_permission_sets_are_changed_on_their_page_only(site_admin: Client) -> None:
    """The page shows who gains or loses what before it is saved; the admin links to it."""
    one_of_each()
    guild = Guild.objects.all()[:1].get()
    assert {Rank, PermissionSet}.isdisjoint(admin.site._registry)
    page = site_admin.get(address(Guild, "change", guild.pk))
    assert guild_url("permissions:ranks", guild) in page.content.decode()
    assert guild_url("guilds:settings", guild) in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


def test_no_page_shows_json(site_admin: Client) -> None:
    one_of_each()
    guild = Guild.objects.all()[:1].get()
    Guild.objects.filter(pk=guild.pk).update(links=[{"label": "Discord", "url": "https://discord.example/night"}])
    terms = {"reason": "Raid week", "rights": ["guilds.manage_roster"], "expires_at": "2030-01-02T03:04:05+00:00"}
    details = {"what": "grant", "before": None, "after": terms}
    kinds = TimelineEvent.Kind
    granted = TimelineEvent.objects.create(
        guild=guild, kind=kinds.RIGHTS_CHANGED, happened_at=timezone.now(), details=details
    )
    moved = {"before": "ALLIANCE", "after": "HORDE"}
    TimelineEvent.objects.create(guild=guild, kind=kinds.GUILD_FACTION, happened_at=timezone.now(), details=moved)
    SecurityEvent.objects.create(event="rights_changed", details=details)
    PeriodicTask.objects.update(args='["dispatch"]')
    for model in admin.site._registry:
        some = model._default_manager.all()[:20]
        pages = [address(model, "changelist"), *(address(model, "change", one.pk) for one in some)]
        for page in pages:
            content = text_of(site_admin.get(page))
            assert not re.search(r"""[{\[]["']|["'][}\]]|": """, content), page
    shown = text_of(site_admin.get(address(TimelineEvent, "change", granted.pk)))
    assert "Permissions manage the roster Expires 2 Jan 2030, 03:04 UTC" in shown
    assert "Discord (https://discord.example/night)" in text_of(site_admin.get(address(Guild, "change", guild.pk)))


def test_times_are_relative_in_lists_and_exact_on_pages_in_the_readers_zone(site_admin: Client) -> None:
    one_of_each()
    User.objects.update(time_zone="Europe/Paris", language="fr")
    event = TimelineEvent.objects.all()[:1].get()
    TimelineEvent.objects.filter(pk=event.pk).update(happened_at="2026-01-02T03:04:05+00:00")
    page = site_admin.get(address(TimelineEvent, "changelist"))
    titles = re.findall('<time [^>]*title="([^"]*)"', page.content.decode())
    assert "2 jan. 2026, 04:04 CET" in titles
    assert "2 jan. 2026, 04:04 CET (il y a" in text_of(site_admin.get(address(TimelineEvent, "change", event.pk)))
