"""A guild's settings: permissions, validation, and two editors at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from guilds.edit_conflict import EditConflict, version_of
from guilds.models import Guild, TimelineEvent, Visibility
from guilds.settings.services import change_info, info_of
from tests.factories import OVERVIEW
from tests.personas import Personas

SETTINGS = f"{OVERVIEW}settings/"
GRACE = f"{SETTINGS}grace/"
LINK_DAYS = f"{SETTINGS}sign-ins/"
TIMELINE = f"{OVERVIEW}timeline/"


def typed(client: Client, **changes: str) -> dict[str, str]:
    """Return the form's data as the user's page has it, with changes."""
    page = client.get(SETTINGS)
    form = page.context["info_form"]
    return {**{name: form[name].value() or "" for name in form.fields}, **changes}


def save(client: Client, **changes: str) -> Any:
    return client.post(SETTINGS, typed(client, **changes))


def events(kind: str) -> list[TimelineEvent]:
    return list(TimelineEvent.objects.filter(kind=kind).order_by("created_at"))


def test_an_officer_saves_the_public_information_and_everyone_sees_it(personas: Personas) -> None:
    olga = personas.browser("Olga")
    answer = save(
        olga,
        description="We guard\r\nthe wall.",
        recruiting="Healers <b>wanted</b>",
        label_0="Our Discord",
        url_0="discord.gg/night-watch",
        url_2="https://www.warcraftlogs.com/guild/1",
        visibility="EVERYBODY",
    )
    assert (answer.status_code, answer["Location"]) == (302, SETTINGS)
    for name in ("Rolf", "Nils", ""):
        page = personas.browser(name).get(OVERVIEW)
        assertContains(page, "We guard<br>the wall.")
        assertContains(page, "Healers &lt;b&gt;wanted&lt;/b&gt;")
        assertContains(
            page, '<a href="https://discord.gg/night-watch" rel="nofollow noopener">Our Discord</a>', html=True
        )
        assertContains(
            page, '<a href="https://www.warcraftlogs.com/guild/1" rel="nofollow noopener">warcraftlogs.com</a>'
        )
    assertContains(olga.get(SETTINGS), "Saved.")


def test_every_change_is_on_the_timeline_with_before_and_after(personas: Personas) -> None:
    olga = personas.browser("Olga")
    save(olga, description="Old")
    save(olga, description="New", visibility="EVERYBODY")
    changed = events("INFO_CHANGED")[-1]
    assert changed.actor == personas["Olga"]
    assert changed.details == {
        "before": {"description": "Old", "visibility": "MEMBERS"},
        "after": {"description": "New", "visibility": "EVERYBODY"},
    }
    page = personas.browser("Rolf").get(TIMELINE)
    assertContains(page, "changed the guild&#x27;s information: about the guild, who can see the guild")
    assertNotContains(personas.browser("").get(TIMELINE), "Olga")


def test_saving_without_a_change_records_nothing(personas: Personas) -> None:
    olga = personas.browser("Olga")
    save(olga, description="One\r\nTwo", label_0="A", url_0="https://a.example/")
    save(olga)
    assert len(events("INFO_CHANGED")) == 1


def test_the_second_of_two_editors_sees_a_conflict_and_overwrites_nothing(personas: Personas) -> None:
    mara, olga = personas.browser("Mara"), personas.browser("Olga")
    maras, olgas = typed(mara, recruiting="Tanks"), typed(olga, recruiting="Healers", description="By Olga")
    assert mara.post(SETTINGS, maras).status_code == 302
    refused = olga.post(SETTINGS, olgas)
    assertContains(refused, "your changes are not saved yet", status_code=409)
    assertContains(refused, "Mara changed this", status_code=409)
    assertContains(refused, "<dd>Tanks</dd>", status_code=409, html=True)
    assertContains(refused, "Healers</textarea>", status_code=409)
    guild = Guild.objects.get()
    assert (guild.recruiting, guild.description) == ("Tanks", "")
    again = {**olgas, "version": refused.context["info_form"]["version"].value()}
    assert olga.post(SETTINGS, again).status_code == 302
    assert events("INFO_CHANGED")[-1].details["before"] == {"description": "", "recruiting": "Tanks"}


def test_an_invalid_form_in_between_does_not_hide_a_conflict(personas: Personas) -> None:
    """The page with the error comes after the other change, but must keep the old version."""
    mara, olga = personas.browser("Mara"), personas.browser("Olga")
    olgas = typed(olga, description="By Olga", label_0="Nowhere")
    save(mara, recruiting="Tanks")
    corrected = olga.post(SETTINGS, olgas)
    assert corrected.context["info_form"].errors
    again = {**olgas, "label_0": "", "version": corrected.context["info_form"]["version"].value()}
    assert olga.post(SETTINGS, again).status_code == 409
    personas.browser("Mara").post(GRACE, {"hours": 24, "version": version_of(0)})
    corrected = olga.post(GRACE, {"hours": 99, "version": version_of(0)})
    assert (
        olga.post(GRACE, {"hours": 9, "version": corrected.context["duration_forms"][0]["version"].value()}).status_code
        == 409
    )


def test_a_second_click_on_save_is_no_conflict(personas: Personas) -> None:
    olga = personas.browser("Olga")
    form = typed(olga, description="Once")
    assert [olga.post(SETTINGS, form).status_code for _ in range(2)] == [302, 302]
    assert len(events("INFO_CHANGED")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript://x.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://x.example/",
        "//",
        "https://",
        "https://x.example/ javascript:alert(1)",
        "no address at all",
        "https://x.example/" + "a" * 500,
    ],
)
def test_a_link_to_anything_but_a_web_page_is_refused(personas: Personas, address: str) -> None:
    answer = save(personas.browser("Olga"), label_0="Look", url_0=address, description="Typed")
    assert answer.status_code == 200
    assert answer.context["info_form"].errors.keys() == {"url_0"}
    assertContains(answer, "Typed</textarea>")
    assert Guild.objects.get().links == []


def test_an_invalid_stored_link_is_not_shown(personas: Personas) -> None:
    sound = {"label": "Sound", "url": "https://sound.example/"}
    Guild.objects.update(links=[{"label": "Evil", "url": "javascript:alert(1)"}, sound, "x", {"label": 1, "url": 2}])
    page = personas.browser("Rolf").get(OVERVIEW)
    assertContains(page, "https://sound.example/")
    assertNotContains(page, "javascript:")
    assertNotContains(page, "Evil")


def test_a_text_that_is_too_long_is_refused_and_kept_in_the_form(personas: Personas) -> None:
    answer = save(personas.browser("Olga"), description="x" * 501)
    assert answer.context["info_form"].errors.keys() == {"description"}
    assert save(personas.browser("Olga"), description="x\r\n" * 249 + "xx").status_code == 302, (
        "500 as the browser counts"
    )


@pytest.mark.parametrize(
    ("name", "status"), [("Mara", 200), ("Olga", 200), ("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)]
)
def test_opening_the_settings_needs_a_permission(personas: Personas, name: str, status: int) -> None:
    assert personas.browser(name).get(SETTINGS).status_code == status
    form = {**typed(personas.browser("Mara")), "description": "Changed"}
    assert personas.browser(name).post(SETTINGS, form).status_code == (302 if status == 200 else status)
    assert bool(Guild.objects.get().description) is (status == 200)
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    assert personas.browser(name).get(SETTINGS).status_code == status


@pytest.mark.parametrize(
    ("right", "shown", "hidden"),
    [
        ("guilds.edit_info", "Recruiting", ("Hours", "Delete the")),
        ("guilds.manage_ranks", "Hours", ("Recruiting", "Delete the")),
        ("guilds.delete", "Delete the", ("Recruiting", "Hours")),
    ],
)
def test_each_permission_shows_its_own_part(
    personas: Personas, right: str, shown: str, hidden: tuple[str, ...]
) -> None:
    personas.give_rights(2, right)
    page = personas.browser("Otis").get(SETTINGS)
    assertContains(page, shown)
    for words in hidden:
        assertNotContains(page, words)


def test_the_tab_needs_a_permission(personas: Personas) -> None:
    personas.give_rights(2, "guilds.view", "guilds.manage_ranks")
    Guild.objects.update(visibility=Visibility.EVERYBODY)
    for name, is_there in (("Olga", True), ("Otis", True), ("Rolf", False), ("", False)):
        assert (f'href="{SETTINGS}"' in personas.browser(name).get(OVERVIEW).content.decode()) is is_there


def test_the_grace_setting_needs_manage_ranks_and_is_on_the_timeline(personas: Personas) -> None:
    personas.give_rights(2, "guilds.edit_info")
    assert personas.browser("Otis").post(GRACE, {"hours": 5, "version": version_of(0)}).status_code == 403
    assert personas.browser("Olga").post(GRACE, {"hours": 48, "version": version_of(0)}).status_code == 302
    assert Guild.objects.get().grace_hours == 48
    recorded = events("RIGHTS_CHANGED")[-1]
    assert recorded.details == {"what": "grace", "before": 0, "after": 48}
    assertContains(personas.browser("Rolf").get(TIMELINE), "changed the grace period from 0 to 48 hours")


@pytest.mark.parametrize("hours", ["73", "-1", "x", ""])
def test_an_invalid_grace_is_refused(personas: Personas, hours: str) -> None:
    answer = personas.browser("Olga").post(GRACE, {"hours": hours, "version": version_of(0)})
    assert answer.context["duration_forms"][0].errors.keys() == {"hours"}
    assert Guild.objects.get().grace_hours == 0


def test_the_second_editor_of_the_grace_sees_a_conflict(personas: Personas) -> None:
    personas.browser("Mara").post(GRACE, {"hours": 24, "version": version_of(0)})
    answer = personas.browser("Olga").post(GRACE, {"hours": 72, "version": version_of(0)})
    assertContains(answer, "Mara changed this", status_code=409)
    assert Guild.objects.get().grace_hours == 24


def test_the_days_of_a_sign_in_need_manage_ranks(personas: Personas) -> None:
    personas.give_rights(2, "guilds.edit_info")
    assert personas.browser("Otis").post(LINK_DAYS, {"days": 5, "version": version_of(30)}).status_code == 403
    assert personas.browser("Olga").post(LINK_DAYS, {"days": 14, "version": version_of(30)}).status_code == 302
    assert Guild.objects.get().link_days == 14
    assert events("RIGHTS_CHANGED")[-1].details == {"what": "link_days", "before": 30, "after": 14}
    recorded = "changed how long a sign-in lasts from 30 to 14 days"
    assertContains(personas.browser("Rolf").get(TIMELINE), recorded)
    answer = personas.browser("Mara").post(LINK_DAYS, {"days": 9, "version": version_of(30)})
    assertContains(answer, "Olga changed this", status_code=409)
    assert personas.browser("Olga").get(LINK_DAYS)["Location"] == SETTINGS


@pytest.mark.parametrize(("days", "most"), [("91", 90), ("0", 90), ("x", 90), ("", 90), ("41", 40)])
def test_a_number_of_days_out_of_bounds_is_refused(personas: Personas, settings: Any, days: str, most: int) -> None:
    settings.LINK_DAYS_MAX = most
    answer = personas.browser("Olga").post(LINK_DAYS, {"days": days, "version": version_of(30)})
    assert answer.context["duration_forms"][1].errors.keys() == {"days"}
    assertContains(answer, f"1 to {most}.")
    assert Guild.objects.get().link_days == 30


def test_a_get_after_signing_in_redirects_to_the_settings(personas: Personas) -> None:
    assert personas.browser("Olga").get(GRACE)["Location"] == SETTINGS


def test_an_officer_who_was_just_demoted_can_save_nothing(personas: Personas) -> None:
    olga = personas.browser("Olga")
    form = typed(olga, description="Revenge")
    personas.guild.memberships.filter(rank=1).update(rank=5)
    assert olga.post(SETTINGS, form).status_code == 403
    assert Guild.objects.get().description == ""


@pytest.mark.django_db(transaction=True)
def test_of_ten_concurrent_saves_one_succeeds(personas: Personas) -> None:
    guild, actor = personas.guild, personas["Olga"]
    version = version_of(info_of(guild))

    def write(number: int) -> bool:
        try:
            return change_info(
                guild=guild, actor=actor, info={**info_of(guild), "description": f"Number {number}"}, version=version
            )
        except EditConflict:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        won = list(pool.map(write, range(10)))
    assert sum(won) == 1
    assert Guild.objects.get().description == f"Number {won.index(True)}"
    assert len(events("INFO_CHANGED")) == 1
