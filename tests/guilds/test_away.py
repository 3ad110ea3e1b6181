"""Members who are away: rules with a preview, the list by urgency, its way onto the to-do, and leaves."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from characters.models import Character
from guilds.away.leaves import coming_leaves, forget_leaves
from guilds.away.members import Line, Roster, rules_of
from guilds.models import Leave, Membership, RosterRule, TodoItem
from tests.factories import OVERVIEW, ROSTER, add_members, make_job, member, night_watch
from tests.html import text_of
from tests.personas import Personas

AWAY = f"{OVERVIEW}away/"
NEW = f"{AWAY}rules/new/"
LEAVE = "/account/leave/"
ALL_RANKS = [str(level) for level in range(1, 10)]


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def last_seen(name: str, days: float | None, *, checked: float = 0) -> Membership:
    """Let a member be last seen so long ago, as a check of the profile so long ago showed."""
    found = Membership.objects.select_related("character").get(character__name=name)
    Character.objects.filter(pk=found.character_id).update(last_login_at=None if days is None else days_ago(days))
    make_job(found.character, succeeded_at=days_ago(checked))
    return found


def terms(**changes: Any) -> dict[str, Any]:
    """Return what the form of a rule sends: remove players who were not seen for 90 days."""
    known = {"name": "Gone", "measure": "NOT_SEEN", "days": 90, "per_player": "1", "action": "REMOVE"}
    return {**known, "ranks": ALL_RANKS, **changes}


def make_rule(personas: Personas, **changes: Any) -> RosterRule:
    known: dict[str, Any] = {"name": "Gone", "measure": "NOT_SEEN", "days": 90, "per_player": True, "action": "REMOVE"}
    return RosterRule.objects.create(guild=personas.guild, **{**known, "ranks": list(range(1, 10)), **changes})


def names_on(page: Any, kind: str = "rows") -> list[str]:
    """Return the names on the list, in a preview, or of those who are unknown."""
    return [row.line.member.name for row in page.context[kind]]


def lines_on(page: Any) -> list[Line]:
    return [row.line for row in page.context["rows"]]


def period(first: int = 0, last: int = 5) -> dict[str, str]:
    today = timezone.localdate()
    days = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
    return {name: day.isoformat() for name, day in days.items()} | {"reason": "Holiday"}


def test_an_officer_previews_who_matches_today_and_then_saves_the_rule(personas: Personas) -> None:
    last_seen("Rolfne", 100)
    last_seen("Otisne", 3)
    olga = personas.browser("Olga")
    preview = olga.post(NEW, terms())
    assert names_on(preview) == ["Rolfne"]
    assertContains(preview, "not seen for 100 days")
    assert not RosterRule.objects.exists()
    assert olga.post(NEW, terms(save="1", previewed=preview.context["previewed"])).status_code == 302
    page = olga.get(AWAY)
    assert names_on(page) == ["Rolfne"]
    assertContains(page, "Players not seen for 90 days")


def test_what_was_not_previewed_is_not_saved(personas: Personas) -> None:
    olga = personas.browser("Olga")
    assert olga.post(NEW, terms(save="1")).status_code == 200
    seen = olga.post(NEW, terms()).context["previewed"]
    changed = olga.post(NEW, terms(days=30, save="1", previewed=seen))
    assert changed.context["preview"] is not None
    assert not RosterRule.objects.exists()


def test_a_rule_is_changed_with_a_preview_and_deleted(personas: Personas) -> None:
    rule = make_rule(personas)
    rule.exempt.add(Character.objects.get(name="Otisne"))
    last_seen("Rolfne", 40)
    olga, where = personas.browser("Olga"), f"{AWAY}rules/{rule.pk}/"
    opened = olga.get(where)
    assert opened.context["form"]["exempt"].value() == "Otisne"
    sent = terms(days=30, exempt="otisne", version=opened.context["version"])
    preview = olga.post(where, sent)
    assert names_on(preview) == ["Rolfne"]
    olga.post(where, {**sent, "save": "1", "previewed": preview.context["previewed"]})
    rule.refresh_from_db()
    assert (rule.days, [one.name for one in rule.exempt.all()]) == (30, ["Otisne"])
    olga.post(f"{where}delete/")
    assert not RosterRule.objects.exists()


def test_a_rule_that_somebody_else_changed_meanwhile_is_not_overwritten_unseen(personas: Personas) -> None:
    rule = make_rule(personas)
    olga, where = personas.browser("Olga"), f"{AWAY}rules/{rule.pk}/"
    sent = terms(days=30, version=olga.get(where).context["version"])
    sent |= {"save": "1", "previewed": olga.post(where, sent).context["previewed"]}
    RosterRule.objects.update(days=60)
    refused = olga.post(where, sent)
    assertContains(refused, "Someone else saved first", status_code=409)
    assert RosterRule.objects.get().days == 60
    olga.post(where, {**sent, "version": refused.context["version"]})
    assert RosterRule.objects.get().days == 30


@pytest.mark.parametrize(
    "changes",
    [
        {"days": 0},
        {"days": ""},
        {"action": "PROMOTE"},
        {"action": "DEMOTE", "to_rank": "0"},
        {"action": "DANCE"},
        {"ranks": []},
        {"ranks": ["0"]},
        {"name": ""},
        {"exempt": "Nobody"},
        {"measure": "x"},
    ],
)
def test_an_invalid_rule_is_refused(personas: Personas, changes: dict[str, Any]) -> None:
    answer = personas.browser("Olga").post(NEW, terms(**changes))
    assert answer.context["form"].errors
    assert "preview" not in answer.context


def test_the_examples_open_a_filled_form(personas: Personas) -> None:
    olga = personas.browser("Olga")
    assertContains(olga.get(AWAY), "?like=warn")
    form = olga.get(f"{NEW}?like=promote").context["form"]
    assert (form["days"].value(), form["action"].value(), form["measure"].value()) == (60, "PROMOTE", "IN_GUILD")


def test_the_list_has_the_most_urgent_first_and_says_how_old_the_data_is(personas: Personas) -> None:
    make_rule(personas)
    make_rule(personas, name="Long away", action="WARN", days=30)
    last_seen("Olgane", 95)
    last_seen("Otisne", 41, checked=3)
    last_seen("Rolfne", 200)
    page = personas.browser("Olga").get(AWAY)
    assert names_on(page) == ["Rolfne", "Olgane", "Otisne"]
    text = text_of(page)
    assert "not seen for 38 days" in text
    assert "checked 3 days ago" in text


def test_a_missing_login_and_old_data_are_unknown_and_not_away(personas: Personas) -> None:
    make_rule(personas)
    last_seen("Rolfne", 100, checked=20)
    last_seen("Otisne", None)
    last_seen("Olgane", 100)
    page = personas.browser("Olga").get(AWAY)
    assert names_on(page) == ["Olgane"]
    assert set(names_on(page, "unknown")) == {"Rolfne", "Otisne"}
    assertContains(page, "checked")
    assertContains(page, "They are not counted as away.")


def test_a_player_is_seen_with_any_character_and_alt_notes_count(personas: Personas) -> None:
    make_rule(personas)
    alt = member(personas.guild, "Altrolf", rank=6, user=personas["Rolf"])
    main, noted = member(personas.guild, "Oldmain"), member(personas.guild, "Oldalt")
    Membership.objects.filter(pk=noted.pk).update(noted_main=main)
    for name, days in (("Rolfne", 100), ("Altrolf", 2), ("Oldmain", 120), ("Oldalt", 1)):
        last_seen(name, days)
    olga = personas.browser("Olga")
    assert names_on(olga.get(AWAY)) == []
    Character.objects.filter(name__in=("Altrolf", "Oldalt")).update(last_login_at=days_ago(99))
    page = olga.get(AWAY)
    assert set(names_on(page)) == {"Rolfne", "Oldalt"} or set(names_on(page)) == {"Rolfne", "Oldmain"}
    assert {one.name for line in lines_on(page) for one in line.others} >= {alt.character.name}


def test_ticked_members_go_onto_the_to_do_with_all_their_characters_as_the_rule_says(personas: Personas) -> None:
    make_rule(personas, name="Away for 90 days")
    member(personas.guild, "Altrolf", rank=6, user=personas["Rolf"])
    for name in ("Rolfne", "Altrolf", "Otisne"):
        last_seen(name, 100)
    olga = personas.browser("Olga")
    keys = {line.member.name: line.key for line in lines_on(olga.get(AWAY))}
    answer = olga.post(AWAY, {"line": [keys["Rolfne"], "nonsense"]}, follow=True)
    assertContains(answer, "2 items added to the to-do.")
    items = TodoItem.objects.order_by("character__name").values_list("character__name", "kind", "reason")
    assert list(items) == [("Altrolf", "REMOVE", "Away for 90 days"), ("Rolfne", "REMOVE", "Away for 90 days")]
    assertContains(answer, "on the to-do")
    assertContains(olga.get(f"{OVERVIEW}todo/"), "/gremove Altrolf")
    olga.post(AWAY, {"line": [keys["Otisne"]], "kind": "DEMOTE", "to_rank": "7", "reason": "Talked to him"})
    demoted = TodoItem.objects.get(character__name="Otisne")
    assert (demoted.kind, demoted.to_rank, demoted.reason) == ("DEMOTE", 7, "Talked to him")


def test_a_rule_that_only_warns_asks_what_to_do(personas: Personas) -> None:
    make_rule(personas, action="WARN", days=30)
    last_seen("Rolfne", 40)
    olga = personas.browser("Olga")
    (line,) = lines_on(olga.get(AWAY))
    assertContains(olga.post(AWAY, {"line": line.key}, follow=True), "the rule only warns")
    assertContains(olga.post(AWAY, {"line": line.key, "kind": "PROMOTE"}), "Choose a rank.")
    assert not TodoItem.objects.exists()


def test_a_promotion_after_some_days_in_the_guild(personas: Personas) -> None:
    make_rule(personas, name="Trial", action="PROMOTE", measure="IN_GUILD", days=60, ranks=[8], to_rank=6)
    for name, days in (("Newcomer", 5), ("Waiting", 61)):
        one = member(personas.guild, name, rank=8)
        Membership.objects.filter(pk=one.pk).update(joined_seen_at=days_ago(days))
    olga = personas.browser("Olga")
    page = olga.get(AWAY)
    assert names_on(page) == ["Waiting"]
    assertContains(page, "in the guild for 61 days")
    olga.post(AWAY, {"line": [line.key for line in lines_on(page)]})
    assert TodoItem.objects.get().to_rank == 6


def test_a_page_can_be_ticked_as_a_whole_and_shows_one_rule(personas: Personas) -> None:
    gone, warn = make_rule(personas), make_rule(personas, action="WARN", days=30)
    last_seen("Rolfne", 100)
    last_seen("Otisne", 40)
    olga = personas.browser("Olga")
    assert olga.get(AWAY).content.decode().count(" checked>") == 0
    assert olga.get(f"{AWAY}?all=1").content.decode().count(" checked>") == 2
    assert names_on(olga.get(f"{AWAY}?rule={gone.pk}")) == ["Rolfne"]
    assert names_on(olga.get(f"{AWAY}?rule={warn.pk}&page=99")) == ["Otisne"]


def test_only_those_who_manage_the_roster_see_rules_and_the_list(personas: Personas) -> None:
    rule = make_rule(personas)
    for name, status in (("Otis", 403), ("Rolf", 403), ("Nils", 404), ("", 302)):
        browser = personas.browser(name)
        for address in (AWAY, NEW, f"{AWAY}rules/{rule.pk}/"):
            assert browser.get(address).status_code == browser.post(address, terms()).status_code == status
    assertNotContains(personas.browser("Rolf").get(OVERVIEW), AWAY)


def test_a_player_announces_a_leave_and_rules_spare_all_their_characters(personas: Personas) -> None:
    make_rule(personas)
    member(personas.guild, "Altrolf", rank=6, user=personas["Rolf"])
    last_seen("Rolfne", 100)
    last_seen("Altrolf", 100)
    olga, rolf = personas.browser("Olga"), personas.browser("Rolf")
    assert names_on(olga.get(AWAY)) == ["Rolfne"]
    assert rolf.post(LEAVE, period()).status_code == 302
    assertContains(rolf.get(LEAVE), "Holiday")
    page = olga.get(AWAY)
    assert names_on(page) == []
    assert "1 spared: on leave" in text_of(page)
    assertContains(page, "Holiday")
    assertContains(page, "announced by the player")
    alt = Membership.objects.get(character__name="Altrolf").character_id
    assertContains(olga.get(f"{OVERVIEW}members/{alt}/"), "On leave until")
    rolf.post(f"{LEAVE}{Leave.objects.get().pk}/delete/")
    assert names_on(olga.get(AWAY)) == ["Rolfne"]


def test_a_leave_counts_on_its_days_only(personas: Personas) -> None:
    make_rule(personas)
    last_seen("Rolfne", 100)
    for first, last, spared in ((1, 9, False), (0, 0, True), (-9, 0, True)):
        Leave.objects.all().delete()
        personas.browser("Rolf").post(LEAVE, period(first, last))
        assert (names_on(personas.browser("Olga").get(AWAY)) == []) is spared
    Leave.objects.update(starts_on="2026-01-01", ends_on="2026-01-02")
    assert names_on(personas.browser("Olga").get(AWAY)) == ["Rolfne"]


@pytest.mark.parametrize(("first", "last"), [(5, 2), (-9, -1), (0, 500)])
def test_an_impossible_leave_is_refused(personas: Personas, first: int, last: int) -> None:
    answer = personas.browser("Rolf").post(LEAVE, period(first, last))
    assert answer.context["form"].errors
    assert not Leave.objects.exists()


def test_a_player_has_a_bounded_number_of_leaves_and_deletes_only_own_ones(personas: Personas) -> None:
    rolf = personas.browser("Rolf")
    for _ in range(11):
        answer = rolf.post(LEAVE, period())
    assertContains(answer, "You have 10 leaves already")
    assert personas.browser("Otis").post(f"{LEAVE}{Leave.objects.first().pk}/delete/").status_code == 404  # type: ignore[union-attr]
    assert Leave.objects.count() == 10


def test_an_officer_notes_a_leave_that_the_player_sees_and_other_members_do_not(personas: Personas) -> None:
    make_rule(personas)
    main, alt = member(personas.guild, "Oldmain"), member(personas.guild, "Oldalt")
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    rolfs = last_seen("Rolfne", 100)
    last_seen("Oldmain", 100)
    last_seen("Oldalt", 100)
    olga = personas.browser("Olga")
    for one in (alt, rolfs):
        assert olga.post(f"{OVERVIEW}members/{one.character_id}/leave/", period()).status_code == 302
    assert names_on(olga.get(AWAY)) == []
    page = f"{OVERVIEW}members/{rolfs.character_id}/"
    assertContains(olga.get(page), "noted by Olga")
    assertContains(personas.browser("Rolf").get(LEAVE), "noted about Rolfne by officers of Night Watch")
    assertNotContains(personas.browser("Otis").get(page), "Holiday")
    assertNotContains(personas.browser("Otis").get(page), "On leave")
    olga.post(f"{AWAY}leaves/{Leave.objects.get(character=rolfs.character).pk}/delete/")
    assert names_on(olga.get(AWAY)) == ["Rolfne"]
    assert olga.post(f"{page}leave/", period(3, 1)).context["leave_form"].errors


def test_the_roster_marks_who_is_on_leave_for_those_who_manage_it(personas: Personas) -> None:
    member(personas.guild, "Altrolf", rank=6, user=personas["Rolf"])
    main, alt = member(personas.guild, "Oldmain"), member(personas.guild, "Oldalt")
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    personas.browser("Rolf").post(LEAVE, period())
    olga = personas.browser("Olga")
    olga.post(f"{OVERVIEW}members/{alt.character_id}/leave/", period())
    marked = re.findall(r'class="name"[^>]*>(\w+)<(?:(?!</th>).)*On leave until', olga.get(ROSTER).content.decode())
    assert set(marked) == {"Rolfne", "Altrolf", "Oldmain", "Oldalt"}
    assertContains(olga.get(f"{ROSTER}?rows=players"), "On leave until", count=2)
    assertNotContains(personas.browser("Otis").get(ROSTER), "On leave until")


def test_a_noted_leave_is_for_that_guild_only(personas: Personas) -> None:
    ottone = personas.other_guild.memberships.get().character
    today = timezone.localdate()
    Leave.objects.create(guild=personas.guild, character=ottone, starts_on=today, ends_on=today)
    assert coming_leaves(personas.guild) == coming_leaves(personas.other_guild) == {}
    Leave.objects.create(person=personas["Otto"], starts_on=today, ends_on=today)
    assert list(coming_leaves(personas.other_guild)) == [personas["Otto"].pk]


def test_of_a_leave_the_reason_is_kept_for_a_month_and_the_days_for_a_year(personas: Personas) -> None:
    today = timezone.localdate()
    for days in (29, 31, 364, 366):
        over = today - timedelta(days=days)
        Leave.objects.create(person=personas["Rolf"], starts_on=over, ends_on=over, reason=f"{days} days ago")
    assert forget_leaves() == 3
    assert list(Leave.objects.order_by("-ends_on").values_list("reason", flat=True)) == ["29 days ago", "", ""]


def test_an_absence_goes_on_after_a_leave_without_its_days(personas: Personas) -> None:
    make_rule(personas)
    last_seen("Rolfne", 100)
    today = timezone.localdate()
    leave = Leave(person=personas["Rolf"], starts_on=today - timedelta(days=50), ends_on=today - timedelta(days=50))
    leave.save()
    assert names_on(personas.browser("Olga").get(AWAY)) == ["Rolfne"], "one day of a hundred"
    leave.starts_on, leave.ends_on = today - timedelta(days=95), today - timedelta(days=1)
    leave.save()
    assert names_on(personas.browser("Olga").get(AWAY)) == [], "only some days before and after the leave"


def test_a_large_guild_takes_as_many_statements_as_a_small_one(personas: Personas) -> None:
    for number in range(5):
        make_rule(personas, name=f"Rule {number}", days=30 + number)
    counts = []
    for count in (10, 990):
        add_members(personas.guild, count)
        Character.objects.filter(name__startswith="Soldier").update(last_login_at=days_ago(100))
        with CaptureQueriesContext(connection) as asked:
            found = Roster(personas.guild).away(terms for _rule, terms in rules_of(personas.guild))
        counts.append(len(asked))
        assert found.unknown
    assert counts[0] == counts[1] <= 8


def test_rules_of_another_guild_are_not_found(personas: Personas) -> None:
    other = night_watch(name="Third", slug="third", blizzard_id=3)
    foreign = RosterRule.objects.create(
        guild=other, name="X", action="WARN", measure="NOT_SEEN", days=9, per_player=True, ranks=[5]
    )
    assert personas.browser("Olga").get(f"{AWAY}rules/{foreign.pk}/").status_code == 404
