"""Former members: who left, and the warning when somebody with a flag comes back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from characters.models import Character
from guilds.former_members.flags import flagged_members, warn_of_returns
from guilds.former_members.services import forget_former_members, remember
from guilds.models import FormerMember, Membership, ReinviteFlag, TimelineEvent
from tests.factories import OVERVIEW, ROSTER, character, member, place
from tests.guilds.test_member_page import page_of
from tests.personas import Personas

FORMER = f"{OVERVIEW}former-members/"
REASON = "Took the loot and left"


def leave(personas: Personas, who: Membership, *, days_ago: float = 1) -> FormerMember:
    who = Membership.objects.select_related("character", "guild").get(pk=who.pk)
    remember({FormerMember.Reason.LEFT: [who]}, now=timezone.now() - timedelta(days=days_ago))
    who.delete()
    return FormerMember.objects.get(guild=personas.guild, character=who.character_id)


def flag(personas: Personas, former: FormerMember, by: str = "Olga") -> None:
    answer = personas.browser(by).post(f"{FORMER}{former.pk}/", {"reason": REASON})
    assert answer.status_code == 302


def test_the_roster_leads_officers_to_former_members(personas: Personas) -> None:
    link = f'href="{OVERVIEW}former-members/"'
    assertContains(personas.browser("Olga").get(ROSTER), link)
    assertNotContains(personas.browser("Rolf").get(ROSTER), link)


def test_officers_see_who_left_when_after_how_long_and_from_which_rank(personas: Personas) -> None:
    gone = member(personas.guild, "Gonene", rank=1)
    Membership.objects.filter(pk=gone.pk).update(joined_seen_at=timezone.now() - timedelta(days=15))
    former = leave(personas, gone)
    olga = personas.browser("Olga")
    olga.post(f"{FORMER}{former.pk}/notes/", {"text": "Wants to return"})
    page = olga.get(FORMER)
    for words in ("Gonene", "Mage", "Officer", "member for", "2\xa0weeks", "1 note", "No longer on the roster"):
        assertContains(page, words)
    assertContains(olga.get(f"{FORMER}{former.pk}/"), "Wants to return")
    assertNotContains(olga.get(f"{FORMER}?q=else"), "Gonene")
    assert personas.browser("Rolf").get(FORMER).status_code == 403
    assert personas.browser("Nils").get(FORMER).status_code == 404


def test_a_member_who_is_back_is_no_former_member(personas: Personas) -> None:
    gone = member(personas.guild, "Gonene")
    former = leave(personas, gone)
    place(former.character, personas.guild)  # type: ignore[arg-type]
    assert personas.browser("Olga").get(FORMER).context["members"] == []


def test_a_flagged_character_that_returns_warns_officers_only(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"))
    flag(personas, former)
    assert former.character is not None
    assertContains(personas.browser("Olga").get(FORMER), REASON)
    assert flagged_members(personas.guild) == {}
    place(former.character, personas.guild)
    warn_of_returns({former.character.pk})
    warning = "is back, although flagged"
    for address, words in (
        (ROSTER, REASON),
        (OVERVIEW, REASON),
        (page_of("Gonene"), REASON),
        (f"{OVERVIEW}timeline/", warning),
    ):
        assertContains(personas.browser("Olga").get(address), words)
        for secret in (REASON, warning, "Do not re-invite"):
            assertNotContains(personas.browser("Rolf").get(address), secret)
    assert flagged_members(personas.guild) == {former.character.pk: REASON}


def test_another_character_of_the_same_player_is_flagged_too(personas: Personas) -> None:
    former = leave(personas, Membership.objects.get(character__name="Rolfne"))
    flag(personas, former)
    other = member(personas.guild, "Rolfback", user=personas["Rolf"])
    assert set(flagged_members(personas.guild)) == {other.character_id}


def test_a_player_who_signs_in_after_the_flag_was_set_is_recognized(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"))
    flag(personas, former)
    Character.objects.filter(name="Gonene").update(user=personas["Nils"])
    back = member(personas.guild, "Nilsback", user=personas["Nils"])
    assert set(flagged_members(personas.guild)) == {back.character_id}


def test_a_noted_alt_of_a_flagged_member_is_flagged_too(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"))
    flag(personas, former)
    main, alt = member(personas.guild, "Newmain"), place(former.character, personas.guild)  # type: ignore[arg-type]
    Membership.objects.filter(pk=alt.pk).update(noted_main=main)
    assert set(flagged_members(personas.guild)) == {main.character_id, alt.character_id}


def test_a_returning_character_is_recognized_after_its_row_was_deleted(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"))
    flag(personas, former)
    blizzard_id = former.blizzard_id
    Character.objects.filter(name="Gonene").delete()
    assertContains(personas.browser("Olga").get(FORMER), "Gonene")
    back = place(character("Gonene", blizzard_id=blizzard_id), personas.guild)
    warn_of_returns({back.character_id})
    assert TimelineEvent.objects.filter(kind="FLAGGED_RETURN", character=back.character_id).count() == 1
    assert personas.browser("Olga").get(FORMER).context["members"] == []


def test_other_members_cause_no_warning(personas: Personas) -> None:
    flag(personas, leave(personas, member(personas.guild, "Gonene")))
    joined = member(personas.guild, "Innocent")
    warn_of_returns({joined.character_id})
    assert not TimelineEvent.objects.exists()
    with CaptureQueriesContext(connection) as asked:
        ReinviteFlag.objects.all().delete()
        warn_of_returns({joined.character_id})
    assert len(asked) == 2, "one to delete, one to find no flag"


def test_a_flag_can_be_removed(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"))
    flag(personas, former)
    found = ReinviteFlag.objects.get()
    assert personas.browser("Otis").post(f"{OVERVIEW}flags/{found.pk}/remove/").status_code == 403
    personas.browser("Olga").post(f"{OVERVIEW}flags/{found.pk}/remove/")
    assertNotContains(personas.browser("Olga").get(FORMER), REASON)


@pytest.mark.parametrize(("days", "is_listed"), [(31, True), (364, True), (366, False)])
def test_who_left_is_listed_for_a_year_and_linked_for_a_month(personas: Personas, days: int, is_listed: bool) -> None:
    leave(personas, Membership.objects.get(character__name="Rolfne"), days_ago=days)
    assert forget_former_members() == (0 if is_listed else 1)
    assert not FormerMember.objects.exclude(person=None).exists()
    assert len(personas.browser("Olga").get(FORMER).context["members"]) == is_listed


def test_flagged_ones_stay_listed(personas: Personas) -> None:
    former = leave(personas, member(personas.guild, "Gonene"), days_ago=400)
    flag(personas, former)
    assert forget_former_members() == 0
    assertContains(personas.browser("Olga").get(f"{FORMER}?flagged=1"), REASON)
