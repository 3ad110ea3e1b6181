"""A raider with 60 characters exports the data, signs out a lost phone, and deletes the account."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import BrowserSession, DeletedAccount, User
from characters.models import Character
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent
from permissions.models import Grant
from tests.accounts.database_text import find_values, values_to_erase
from tests.battlenet import Sandbox
from tests.browser.journeys import choose_persona, sign_in_and_wait, sign_in_unseen
from tests.stack import wait_until

REASON = "Keeps the bank while Fennimore is away"


def export_of(page: Any) -> Any:
    """Press the button and return the downloaded file."""
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Export", exact=True).click()
    assert coming.value.suggested_filename.startswith("guildsite-")
    return json.loads(Path(coming.value.path()).read_text())


def add_data_by_hand(user: User) -> Guild:
    """Add what the sync does not bring: a grant, a note, and a timeline entry."""
    place = Membership.objects.filter(character__user=user).select_related("guild", "character")[0]
    grant = Grant(guild=place.guild, user=user, reason=REASON, expires_at=timezone.now() + timedelta(days=3))
    grant.rights = frozenset({"guilds.edit_info"})
    grant.save()
    OfficerNote.objects.create(guild=place.guild, about_character=place.character, text="Brings flasks", author=user)
    TimelineEvent.objects.create(
        guild=place.guild,
        kind=TimelineEvent.Kind.RIGHTS_CHANGED,
        happened_at=timezone.now(),
        person=user,
        details={"what": "grant", "before": None, "after": {"rights": [], "reason": REASON}},
    )
    return place.guild


def test_after_export_and_deletion_no_personal_data_is_left(page: Any, sandbox: Sandbox) -> None:
    sign_in_and_wait(page, "raider", sandbox)
    user = User.objects.get()
    listed = Character.objects.of(user).count()
    assert listed == 60
    guild = add_data_by_hand(user)
    members = guild.memberships.count()

    page.goto("/characters/")
    export = export_of(page)
    assert len(export["characters"]) == listed
    assert export["person"]["battletag"] == user.battletag
    gone = values_to_erase(export)
    assert {REASON, user.battletag, str(user.battlenet_id), str(user.pk)} <= gone
    assert len({one["link"]["wow_account_id"] for one in export["characters"]}) > 1
    assert set(find_values(gone)) == gone

    page.get_by_role("navigation", name="Account").get_by_role("link", name="Delete").click()
    page.get_by_label("Your BattleTag").fill("Somebody#1234")
    page.get_by_role("button", name="Delete account").click()
    expect(page.get_by_text("This is not your BattleTag.")).to_be_visible()
    page.get_by_label("Your BattleTag").fill(user.battletag)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Account deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with Battle.net").first).to_be_visible()

    assert find_values(gone) == {}
    assert DeletedAccount.objects.count() == 1
    assert not Character.objects.filter(user__isnull=False).exists()
    assert guild.memberships.count() == members
    assert OfficerNote.objects.get().author is None
    page.goto("/account/")
    page.wait_for_url("**/accounts/login/?next=/account/")

    sign_in_and_wait(page, "raider", sandbox)
    assert User.objects.get().pk != user.pk
    assert Character.objects.of(User.objects.get()).count() == listed


def test_a_worker_prepares_a_large_export(page: Any, sandbox: Sandbox) -> None:
    sign_in_and_wait(page, "raider", sandbox)
    user, guild = User.objects.get(), Guild.objects.get(name=sandbox.demo_guild()["name"])
    TimelineEvent.objects.bulk_create(
        TimelineEvent(guild=guild, kind=TimelineEvent.Kind.INFO_CHANGED, happened_at=timezone.now(), actor=user)
        for _ in range(1_100)
    )
    page.goto("/account/export/")
    page.get_by_role("button", name="Export", exact=True).click()
    # The page updates when the export is ready.
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click(timeout=30_000)
    assert len(json.loads(Path(coming.value.path()).read_text())["timeline"]) >= 1_100


def test_a_lost_phone_can_be_signed_out(page: Any, chromium: Any, stack: Any, sandbox: Sandbox) -> None:
    sign_in_unseen(page, "newcomer")
    context = chromium.new_context(
        base_url=stack.url,
        user_agent="Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36",
    )
    phone = context.new_page()
    sign_in_unseen(phone, "newcomer")
    wait_until(lambda: BrowserSession.objects.filter(user__isnull=False).count() == 2)

    page.goto("/account/sessions/")
    there = page.get_by_role("listitem").filter(has_text="Chrome on Android")
    expect(page.get_by_role("listitem").filter(has_text="This browser")).to_contain_text("Chrome on Linux")
    there.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Session ended.")).to_be_visible()
    expect(there).to_have_count(0)
    phone.goto("/account/")
    phone.wait_for_url("**/accounts/login/**")

    phone.get_by_role("button", name="Sign in with Battle.net").click()
    choose_persona(phone, "newcomer")
    phone.wait_for_url("**/account/")
    page.goto("/account/sessions/")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()
    phone.goto("/account/")
    phone.wait_for_url("**/accounts/login/**")
    context.close()
