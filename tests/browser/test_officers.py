"""Officers: a demotion in the game ends their permissions, and the to-do list is ticked off by the roster."""

from typing import Any

from playwright.sync_api import expect

from guilds.models import Guild, Membership, TodoItem
from permissions.models import PermissionSet
from permissions.rights import EVERY_RIGHT
from tests.battlenet import Sandbox
from tests.browser.journeys import guild_path, sign_in_and_wait
from tests.stack import Stack, wait_until


def in_the_game(place: Membership) -> dict[str, str]:
    """Return the member's address for the sandbox."""
    character = place.character
    return {"region": character.region, "realm_slug": character.realm.slug, "name": character.name}


def places_of(battletag: str) -> list[Membership]:
    places = Membership.objects.filter(character__user__battletag=battletag)
    return list(places.select_related("character__realm").order_by("rank"))


def refresh(page: Any, sandbox: Sandbox) -> None:
    """Refresh the roster with the button on the guild's sync page."""
    page.goto(f"{guild_path(sandbox)}sync/")
    page.get_by_role("button", name="Refresh roster").click()
    expect(page.get_by_text("The roster is being fetched.")).to_be_visible()


def test_after_a_demotion_in_the_game_an_officers_next_click_is_refused(
    page: Any, stack: Stack, sandbox: Sandbox
) -> None:
    officer = page.context.browser.new_context(base_url=stack.url).new_page()
    for browser, persona in ((page, "guildmaster"), (officer, "officer")):
        sign_in_and_wait(browser, persona, sandbox)
    guild, places = (
        Guild.objects.get(name=sandbox.demo_guild()["name"]),
        places_of(sandbox.persona("officer")["battletag"]),
    )
    officers = PermissionSet(guild=guild, name="Officers")
    officers.rights = EVERY_RIGHT
    officers.save()
    guild.ranks.filter(rank_level=places[0].rank).update(permission_set=officers)
    officer.goto(guild_path(sandbox))
    officer.get_by_role("link", name="To-do", exact=True).click()
    expect(officer.get_by_role("heading", name="To do in game")).to_be_visible()

    for place in places:
        sandbox.mutate("rank", **in_the_game(place), rank=9)
    refresh(page, sandbox)
    wait_until(lambda: {place.rank for place in places_of(sandbox.persona("officer")["battletag"])} == {9})

    with officer.expect_navigation() as clicked:
        officer.get_by_role("link", name="Settings", exact=True).click()
    assert clicked.value.status == 403
    officer.goto(guild_path(sandbox))
    expect(officer.get_by_role("link", name="To-do", exact=True)).to_have_count(0)
    officer.context.close()


def test_an_item_is_ticked_off_when_the_game_has_done_it(page: Any, stack: Stack, sandbox: Sandbox) -> None:
    sign_in_and_wait(page, "guildmaster", sandbox)
    guild = Guild.objects.get(name=sandbox.demo_guild()["name"])
    strangers = guild.memberships.filter(character__user=None, character__realm=guild.realm, rank__gt=4)
    removed, kept = strangers.select_related("character__realm")[:2]
    page.goto(guild_path(sandbox))
    page.get_by_role("link", name="To-do", exact=True).click()
    page.get_by_label("Who").fill(f"{removed.character.name}\n{kept.character.name}")
    page.get_by_label("Remove", exact=True).check()
    page.get_by_role("textbox", name="Reason").fill("Away since summer")
    page.get_by_role("button", name="Add to to-do").click()
    still_open = page.locator("form .todo li")
    expect(still_open).to_have_count(2)
    expect(page.get_by_text(f"/gremove {removed.character.name}", exact=True)).to_be_visible()

    sandbox.mutate("leave", **in_the_game(removed))
    sandbox.advance(1)
    refresh(page, sandbox)
    wait_until(lambda: TodoItem.objects.filter(character=removed.character, state="DONE").exists())

    page.goto(f"{guild_path(sandbox)}todo/")
    expect(page.locator(".closed").filter(has_text=removed.character.name)).to_contain_text("done")
    if Membership.objects.filter(pk=kept.pk).exists():
        expect(still_open).to_have_count(1)
