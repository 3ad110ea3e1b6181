"""Deleting an account: personal data is removed immediately, guild data stays without the name."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts import tasks
from accounts.data_requests import PROOF_KEPT, delete_account, proofs_of_deletion
from accounts.models import DataExport, DeletedAccount, SecurityEvent, User
from accounts.services import grant_admin
from characters.models import Character
from guilds.models import Leave, Membership, OfficerNote, TimelineEvent, TodoItem
from permissions.models import Grant
from sync.models import BlizzardJob
from tests.accounts import full_account
from tests.accounts.database_text import find_values, tables_with, values_to_erase
from tests.accounts.oauth_flow import is_signed_in
from tests.factories import add_members
from tests.personas import Personas

DELETE = "/account/delete/"
Kind = TimelineEvent.Kind


def delete(personas: Personas, browser: Client | None = None) -> Any:
    rolf = personas["Rolf"]
    return (browser or personas.browser("Rolf")).post(DELETE, {"battletag": rolf.battletag})


def test_it_requires_the_battletag(personas: Personas) -> None:
    rolf, browser = personas["Rolf"], personas.browser("Rolf")
    assertContains(browser.get(DELETE), f"<strong>{rolf.battletag}</strong>")
    for typed in ("", "Rolf", f"{rolf.battletag}0", personas["Mara"].battletag):
        assertContains(browser.post(DELETE, {"battletag": typed}), "field-bad")
    assert User.objects.filter(pk=rolf.pk).exists()
    response = browser.post(DELETE, {"battletag": f" {rolf.battletag.lower()} "}, follow=True)
    assertContains(response, "Account deleted.")
    assert not User.objects.filter(pk=rolf.pk).exists()


def test_it_needs_a_recent_sign_in_and_a_post(personas: Personas) -> None:
    browser = personas.browser("Rolf", is_recently_authenticated=False)
    assertContains(browser.get(DELETE), "Sign in again first")
    assertContains(delete(personas, browser), "Sign in again first", status_code=403)
    personas.browser("Rolf").get(DELETE, {"battletag": personas["Rolf"].battletag})
    assert User.objects.filter(pk=personas["Rolf"].pk).exists()


def test_it_ends_all_sessions(personas: Personas) -> None:
    browsers = [personas.browser("Rolf") for _ in range(3)]
    mara = personas.browser("Mara")
    delete(personas, browsers[0])
    assert not any(is_signed_in(one) for one in browsers)
    assert is_signed_in(mara)


def test_no_personal_value_is_left_in_the_database(personas: Personas) -> None:
    rolf = full_account.fill_account(personas)
    full_account.log_admin_change(rolf, personas["Mara"])
    browser = personas.browser("Rolf")
    gone = values_to_erase(browser.post("/account/export/").json())
    assert {str(rolf.pk), rolf.battletag, "Rolf", "77001122", full_account.REASON, "203.0.113.99"} <= gone
    assert gone == set(find_values(gone)), "what is not there before proves nothing"
    delete(personas, browser)
    assert find_values(gone) == {}
    assert tables_with(full_account.ABOUT_ROLF) == []
    assert tables_with(full_account.OWN_LEAVE) == tables_with(full_account.LEAVE_NOTED_ABOUT_ROLF) == []
    assert tables_with("Bankrolf") == []
    assert tables_with(full_account.TOKEN) == []


def test_guild_data_stays_without_the_user(personas: Personas) -> None:
    full_account.fill_account(personas)
    ids = set(Membership.objects.values_list("character__name", flat=True))
    delete(personas)
    assert set(Membership.objects.values_list("character__name", flat=True)) == ids
    stays = Character.objects.get(name="Rolfne")
    assert (stays.user, stays.wow_account_id, stays.mounts_hash, stays.owner_confirmed_at) == (None, None, "", None)
    assert not Membership.objects.filter(character__name__in=("Rolfne", "Altrolf"), is_main=True).exists()
    assert full_account.notes() == [
        (full_account.BY_ROLF, None),
        (full_account.ABOUT_ROLFNE, personas["Mara"].battletag),
    ]
    assert TodoItem.objects.get().added_by is None
    assert [(one.reason, one.noted_by) for one in Leave.objects.all()] == [(full_account.LEAVE_NOTED_BY_ROLF, None)]
    kinds = set(TimelineEvent.objects.filter(character__name="Rolfne").values_list("kind", flat=True))
    assert kinds == {Kind.JOINED}
    granted = TimelineEvent.objects.get(kind=Kind.RIGHTS_CHANGED)
    assert granted.actor == personas["Mara"]
    assert granted.person is None
    assert set(granted.details["after"]) == {"rights", "expires_at"}
    assert not Grant.objects.exists()
    assert not BlizzardJob.objects.filter(kind="account").exists()


def test_mains_chosen_for_others_stay(personas: Personas) -> None:
    full_account.fill_account(personas)
    delete(personas)
    otis = Membership.objects.get(character__name="Otisne")
    assert (otis.main_of, otis.main_choice, otis.main_chosen_by) == (personas["Otis"], "OFFICER", None)


def test_guild_pages_still_work_for_other_members(personas: Personas) -> None:
    full_account.fill_account(personas)
    delete(personas)
    mara = personas.browser("Mara")
    for page in ("", "roster/", "timeline/", "ranks/", "notes/", "todo/"):
        assert mara.get(f"{personas.guild.get_absolute_url()}{page}").status_code == 200, page


def id_of(person: User) -> int:
    assert person.battlenet_id is not None
    return person.battlenet_id


def test_the_proof_contains_no_name_but_matches_the_battlenet_id(personas: Personas) -> None:
    rolf = full_account.fill_account(personas)
    delete(personas)
    proof = DeletedAccount.objects.get()
    assert list(proofs_of_deletion(id_of(rolf))) == [proof]
    assert list(proofs_of_deletion(id_of(rolf) + 1)) == []
    recorded = SecurityEvent.objects.get(event=SecurityEvent.Event.ACCOUNT_DELETED)
    assert (recorded.user, recorded.actor, recorded.address) == (None, None, None)
    assert recorded.details == {"proof": proof.pk}


def test_find_deletion_prints_the_date(personas: Personas) -> None:
    rolf, said = personas["Rolf"], StringIO()
    delete(personas)
    call_command("find_deletion", id_of(rolf), stdout=said)
    assert said.getvalue().startswith("Deleted 20")
    with pytest.raises(CommandError):
        call_command("find_deletion", id_of(rolf) + 1)


def test_two_proofs_for_one_id_differ(personas: Personas) -> None:
    first, second = DeletedAccount.of(7), DeletedAccount.of(7)
    assert first.digest != second.digest
    assert first.is_of(7)
    assert second.is_of(7)


def test_the_proof_is_deleted_after_a_year(personas: Personas) -> None:
    delete(personas)
    tasks.clear_expired()
    assert DeletedAccount.objects.exists()
    DeletedAccount.objects.update(deleted_at=timezone.now() - PROOF_KEPT)
    tasks.clear_expired()
    assert not DeletedAccount.objects.exists()


def test_a_large_export_is_deleted_with_the_account(personas: Personas) -> None:
    DataExport.objects.create(user=personas["Rolf"], document="everything", ready_at=timezone.now())
    delete(personas)
    assert not DataExport.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_characters(personas: Personas) -> None:
    full_account.fill_account(personas)
    otis = personas["Otis"]
    add_members(personas.guild, 300, owner=personas["Rolf"])
    with CaptureQueriesContext(connection) as for_few:
        delete_account(person=otis, actor=otis)
    with CaptureQueriesContext(connection) as for_many:
        delete_account(person=personas["Rolf"], actor=personas["Rolf"])
    # What Otis does not have is not deleted: at most some statements for each kind of thing.
    assert len(for_many) < len(for_few) + 40


def test_a_second_deletion_returns_false(personas: Personas) -> None:
    rolf = personas["Rolf"]
    assert delete_account(person=rolf, actor=rolf)
    assert not delete_account(person=rolf, actor=rolf)
    assert DeletedAccount.objects.count() == 1


def test_a_site_admin_can_delete_an_account(personas: Personas) -> None:
    rolf = full_account.fill_account(personas)
    mara = personas["Mara"]
    grant_admin(battletag=mara.battletag)
    browser, his = personas.browser("Mara"), personas.browser("Rolf")
    gone = values_to_erase(his.post("/account/export/").json())
    page = f"/admin/accounts/user/{rolf.pk}/delete/"
    assertContains(browser.get(page), rolf.battletag)
    assert browser.post(page, {"post": "yes"})["Location"] == "/admin/accounts/user/"
    assert not User.objects.filter(pk=rolf.pk).exists()
    assert not is_signed_in(his)
    assert find_values(gone) == {}
    recorded = SecurityEvent.objects.get(event=SecurityEvent.Event.ACCOUNT_DELETED)
    assert (recorded.actor, recorded.user, recorded.user_label) == (mara, None, "deleted account")


def test_a_site_admin_can_delete_several_accounts(personas: Personas) -> None:
    full_account.fill_account(personas)
    grant_admin(battletag=personas["Mara"].battletag)
    chosen = [personas[name].pk for name in ("Rolf", "Nils")]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    personas.browser("Mara").post("/admin/accounts/user/", form)
    assert not User.objects.filter(pk__in=chosen).exists()
    assert DeletedAccount.objects.count() == 2
    assert tables_with("Rolf") == []


def test_an_officer_cannot_delete_accounts(personas: Personas) -> None:
    rolf = personas["Rolf"]
    for name in ("Mara", "Olga"):
        answer = personas.browser(name).post(f"/admin/accounts/user/{rolf.pk}/delete/", {"post": "yes"})
        assert answer.status_code == 403
    assert User.objects.filter(pk=rolf.pk).exists()


def test_notes_about_a_character_stay(personas: Personas) -> None:
    """Not even about one that has left its guild."""
    full_account.fill_account(personas)
    Membership.objects.filter(character__name="Rolfne").delete()
    delete(personas)
    assert OfficerNote.objects.filter(text=full_account.ABOUT_ROLFNE).exists()
