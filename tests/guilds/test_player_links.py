"""Links that give permissions: account and roster list the same id, and the sign-in is recent."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from accounts.services import grant_admin
from characters.models import Character
from guilds.former_members.services import remember
from guilds.models import FormerMember, Guild, LinkState, Membership
from permissions.effective_rights import read_effective_rights, read_rights_by_guild
from permissions.members import players_of
from permissions.rights import EVERY_RIGHT
from tests.factories import OVERVIEW, ROSTER, character, forget_rows, member, night_watch, place
from tests.html import text_of
from tests.personas import Personas

SETTINGS = f"{OVERVIEW}settings/"
PAGES = (OVERVIEW, ROSTER, f"{OVERVIEW}timeline/", f"{OVERVIEW}ranks/", f"{OVERVIEW}notes/", SETTINGS)


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def change(name: str, **fields: Any) -> None:
    """Set what an account or a roster listed for a character."""
    Character.objects.filter(name=f"{name}ne").update(**fields)


def last_sign_in(name: str, **time: float) -> None:
    change(name, owner_confirmed_at=ago(**time))


def test_a_link_gives_permissions_for_the_guilds_number_of_days(personas: Personas) -> None:
    mara = personas.browser("Mara")
    last_sign_in("Mara", days=29, hours=23)
    assert [mara.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    last_sign_in("Mara", days=30, minutes=1)
    assert [mara.get(page).status_code for page in PAGES] == [403] * len(PAGES)
    assert not personas["Mara"].has_perm("guilds.view", personas.guild)
    page = mara.get(ROSTER)
    assert "Your link to Marane is older than 30 days. Sign in again" in text_of(page)
    assertContains(page, f'<input type="hidden" name="next" value="{ROSTER}">', status_code=403, html=True)
    assert "Sign in again: your link is older than 30 days." in text_of(mara.get("/guilds/"))
    assert "Sign in again: your link is older than 30 days." in text_of(mara.get("/characters/"))


@pytest.mark.parametrize(("of_guild", "of_site", "days"), [(10, 90, 10), (90, 90, 90), (90, 20, 20)])
def test_the_lower_of_the_guilds_and_the_sites_number_counts(
    personas: Personas, settings: Any, of_guild: int, of_site: int, days: int
) -> None:
    settings.LINK_DAYS_MAX = of_site
    Guild.objects.update(link_days=of_guild)
    mara = personas.browser("Mara")
    last_sign_in("Mara", days=days, minutes=-1)
    assert mara.get(OVERVIEW).status_code == 200
    last_sign_in("Mara", days=days, minutes=1)
    assert f"older than {days} days" in text_of(mara.get(OVERVIEW))


def test_the_pages_ask_for_a_new_sign_in_seven_days_before(personas: Personas) -> None:
    rolf, ask = personas.browser("Rolf"), "to keep your permissions"
    last_sign_in("Rolf", days=22, hours=23)
    for page in (OVERVIEW, ROSTER, "/guilds/", "/characters/"):
        assertNotContains(rolf.get(page), ask)
    last_sign_in("Rolf", days=23, minutes=1)
    day = (timezone.now() + timedelta(days=7, minutes=-1)).strftime("%-d %b %Y")
    for page in (OVERVIEW, ROSTER, f"{OVERVIEW}ranks/", "/guilds/"):
        assert f"Sign in again by {day} to keep your permissions." in text_of(rolf.get(page)), page
    assert f"Sign in again by {day} to keep your permissions here." in text_of(rolf.get("/characters/"))
    assertNotContains(personas.browser("Olga").get(OVERVIEW), ask)


def test_an_id_that_is_not_on_the_roster_yet_waits_for_it(personas: Personas) -> None:
    olga = personas.browser("Olga")
    change("Olga", blizzard_id=99_001, account_blizzard_id=99_001)
    assert [olga.get(page).status_code for page in PAGES] == [403] * len(PAGES)
    assert "Waiting for the next roster" in text_of(olga.get(OVERVIEW))
    for page in ("/guilds/", "/characters/"):
        assert "Waiting for the next roster: Olgane has a new id" in text_of(olga.get(page))
    Membership.objects.filter(character__name="Olgane").update(roster_blizzard_id=99_001)
    assert [olga.get(page).status_code for page in PAGES] == [200] * len(PAGES)


def test_an_id_that_is_only_on_the_roster_waits_for_a_sign_in(personas: Personas) -> None:
    olga = personas.browser("Olga")
    change("Olga", blizzard_id=99_001)
    Membership.objects.filter(character__name="Olgane").update(roster_blizzard_id=99_001)
    assert "lists Olgane with a new id, as after a faction change or a realm transfer. Sign in" in text_of(
        olga.get(OVERVIEW)
    )
    assert "Sign in again: the roster lists Olgane with a new id." in text_of(olga.get("/guilds/"))


def test_another_confirmed_character_gives_the_permissions_of_its_rank(personas: Personas) -> None:
    member(personas.guild, "Maralt", rank=5, user=personas["Mara"], blizzard_id=88_001)
    last_sign_in("Mara", days=31)
    assert read_effective_rights(personas["Mara"], personas.guild).rank == 5
    mara = personas.browser("Mara")
    assert (mara.get(OVERVIEW).status_code, mara.get(SETTINGS).status_code) == (200, 403)
    assertNotContains(mara.get(SETTINGS), "Sign in again with Battle.net", status_code=403)


def test_site_admins_are_not_asked(personas: Personas) -> None:
    last_sign_in("Mara", days=31)
    grant_admin(battletag=personas["Mara"].battletag)
    page = personas.browser("Mara").get(OVERVIEW)
    assertNotContains(page, "to keep your permissions")


def test_outsiders_still_get_404(personas: Personas) -> None:
    assert [personas.browser("Nils").get(page).status_code for page in PAGES] == [404] * len(PAGES)


def test_an_unconfirmed_link_gives_no_grace_period(personas: Personas) -> None:
    """A link that gave no permissions when the character left gives none afterwards."""
    Guild.objects.update(grace_hours=48)
    Membership.objects.filter(character__name="Otisne").update(roster_blizzard_id=1_000_000)
    leavers = Membership.objects.filter(character__name__in=("Rolfne", "Otisne"))
    remember({FormerMember.Reason.LEFT: leavers}, now=timezone.now())
    leavers.delete()
    assert personas.browser("Rolf").get(OVERVIEW).status_code == 200
    assert personas.browser("Otis").get(OVERVIEW).status_code == 404


IDS = st.sampled_from([None, 1, 2])


class OneRule(TestCase):
    """The rule in SQL and the rule for one membership agree everywhere."""

    who: Character

    @classmethod
    def setUpTestData(cls) -> None:
        forget_rows()
        night_watch()
        User.objects.create_user(1, "Mara#1")
        cls.who = character("Other")

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        account_id=IDS,
        roster_id=IDS,
        days=st.one_of(st.none(), st.integers(0, 95)),
        link_days=st.integers(1, 90),
        rank=st.integers(0, 9),
    )
    def test_sql_and_python_agree(
        self, account_id: int | None, roster_id: int | None, days: int | None, link_days: int, rank: int
    ) -> None:
        Guild.objects.update(link_days=link_days)
        guild, user, who = Guild.objects.get(), User.objects.get(), self.who
        Character.objects.filter(pk=who.pk).update(
            user=user,
            blizzard_id=1,
            account_blizzard_id=account_id,
            owner_confirmed_at=None if days is None else ago(days=days, seconds=30),
        )
        place(who, guild, rank, roster_blizzard_id=roster_id)
        found = Membership.objects.select_related("character", "guild").get()
        is_confirmed = account_id == roster_id is not None and days is not None and days < link_days
        assert (found.link_state == LinkState.CONFIRMED) is is_confirmed
        assert Membership.objects.with_confirmed_owner().exists() is is_confirmed
        assert Membership.objects.with_confirmed_link_to(user).exists() is is_confirmed
        assert Membership.objects.best_rank(user, guild) == (rank if is_confirmed else None)
        assert (read_effective_rights(user, guild).rights != frozenset()) is is_confirmed
        assert set(read_rights_by_guild(user)) == ({guild.pk} if is_confirmed else set())
        assert set(players_of(guild)) == ({user.pk} if is_confirmed else set())
        assert user.has_perm("guilds.view", guild) is is_confirmed


def test_every_permission_needs_a_confirmed_link(personas: Personas) -> None:
    last_sign_in("Mara", days=31)
    mara = User.objects.get(pk=personas["Mara"].pk)
    assert not any(mara.has_perm(right, personas.guild) for right in EVERY_RIGHT)
    assert personas.browser("Mara").get("/admin/").status_code == 403
