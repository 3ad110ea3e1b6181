"""Language and time zone: chosen on the account page or at the foot of a page, and used by every page."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone, translation
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from accounts.templatetags.freshness import exact_time
from tests.personas import Personas, browser_of

pytestmark = pytest.mark.django_db
PREFERENCES = "/account/preferences/"


@pytest.fixture
def two_languages(settings: LazySettings) -> None:
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]


def test_times_are_in_the_zone_that_the_player_chose(personas: Personas) -> None:
    rolf = personas["Rolf"]
    User.objects.filter(pk=rolf.pk).update(created_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    browser = browser_of(rolf)
    assertContains(browser.get("/account/"), 'title="1 Jul 2026, 23:30 UTC"')
    assertRedirects(browser.post(PREFERENCES, {"language": "", "time_zone": "Europe/Paris"}), PREFERENCES)
    page = browser.get("/account/")
    assertContains(page, 'title="2 Jul 2026, 01:30 CEST"')
    assertContains(page, ">2 Jul 2026</time>")
    assert timezone.get_current_timezone_name() == "UTC", "the next request of the process starts without it"


def test_a_zone_that_does_not_exist_is_refused(personas: Personas) -> None:
    page = browser_of(personas["Rolf"]).post(PREFERENCES, {"language": "xx", "time_zone": "Europe/Atlantis"})
    assert set(page.context["form"].errors) == {"language", "time_zone"}
    assert User.objects.get(pk=personas["Rolf"].pk).time_zone == ""


@pytest.mark.usefixtures("two_languages")
def test_a_player_s_language_goes_with_them_to_another_browser(personas: Personas) -> None:
    browser = browser_of(personas["Rolf"])
    assertRedirects(browser.post("/language/", {"language": "fr", "next": "/account/"}), "/account/")
    other = browser_of(personas["Rolf"])
    page = other.get("/account/", headers={"Accept-Language": "en"})
    assertContains(page, '<html lang="fr">')
    assert page["Content-Language"] == "fr"
    assertContains(page, "Première connexion")


@pytest.mark.usefixtures("two_languages")
def test_visitors_choose_a_language_for_their_browser() -> None:
    browser = Client()
    assertContains(browser.get("/", headers={"Accept-Language": "fr"}), '<html lang="fr">')
    assert browser.get("/language/").status_code == 405
    browser.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assertContains(browser.get("/", headers={"Accept-Language": "fr"}), '<html lang="en">')


@pytest.mark.usefixtures("two_languages")
def test_a_reader_s_language_ends_with_the_request(personas: Personas) -> None:
    """The thread's next work, such as naming a new guild's permission sets, is in the site's own language."""
    assertContains(Client().get("/", headers={"Accept-Language": "fr"}), '<html lang="fr">')
    assert translation.get_language() == "en"
    User.objects.filter(pk=personas["Rolf"].pk).update(language="fr")
    assertContains(browser_of(personas["Rolf"]).get("/account/"), '<html lang="fr">')
    assert translation.get_language() == "en"


def test_a_site_with_one_language_has_no_switch(settings: LazySettings) -> None:
    settings.LANGUAGES = [("en", "English")]
    assertNotContains(Client().get("/"), 'action="/language/"')


def test_dates_and_numbers_follow_the_language() -> None:
    moment = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
    with translation.override("fr"):
        assert exact_time(moment) == "1 fév. 2026, 12:00 UTC"
    with translation.override("en"):
        assert exact_time(moment) == "1 Feb 2026, 12:00 UTC"
