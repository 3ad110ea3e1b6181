"""Outsiders of a public guild see what the game shows; nothing tells them who has signed in."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild, Membership, OfficerNote, TimelineEvent, TodoItem, Visibility
from permissions.models import Grant
from tests.factories import OVERVIEW, ROSTER, hand_over, member, night_watch, token

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TIMELINE = f"{OVERVIEW}timeline/"
# Long enough ago that "3 hours ago" stays so while the test runs.
EARLIER = timezone.now() - timedelta(hours=3, minutes=10)
COLUMNS = ("name", "rank", "level", "class", "role", "item-level", "last-login")
SORTS = [f"{sign}{key}" for key in COLUMNS for sign in ("", "-")]
ASKED = [
    OVERVIEW,
    ROSTER,
    TIMELINE,
    *(f"{ROSTER}?sort={sort}" for sort in (*SORTS, "main", "-main", "player", "user", "is_main", "-main_of")),
    *(f"{ROSTER}?q={text}" for text in ("Mara", "Second", "Bara", "raid", "1000")),
    *(f"{ROSTER}?{name}={value}" for name, value in product(("main", "is_main", "player", "user", "owner"), "1m")),
    *(f"{TIMELINE}?kind={kind}" for kind in TimelineEvent.Kind.values),
    *(f"{TIMELINE}?q={text}" for text in ("Mara", "Bara", "Second")),
]


@pytest.fixture
def guild() -> Guild:
    guild = night_watch(visibility=Visibility.EVERYBODY, last_synced_at=EARLIER)
    for number, name in enumerate(("First", "Second", "Third", "Fourth")):
        who = member(guild, name, rank=number, last_login_at=EARLIER - timedelta(days=number)).character
        for kind in TimelineEvent.PUBLIC_KINDS:
            TimelineEvent.objects.create(
                guild=guild, kind=kind, happened_at=EARLIER, character=who, character_name=name
            )
    return guild


@pytest.fixture(params=["visitor", "outsider"])
def stranger(request: pytest.FixtureRequest, people: Callable[[str], User]) -> Client:
    browser = Client()
    if request.param == "outsider":
        browser.force_login(people("Otto"), BACKEND)
    return browser


def two_people_sign_in(guild: Guild, people: Callable[[str], User]) -> None:
    """Sign in Mara, with First and Third, and Bara, with Second, and everything that follows from it."""
    mara, bara = people("Mara"), people("Bara")
    places = {place.character.name: place for place in guild.memberships.select_related("character")}
    for user, names in ((mara, ("First", "Third")), (bara, ("Second",))):
        token(user)
        hand_over(type(places["First"].character).objects.filter(name__in=names), user)
        Membership.objects.filter(pk=places[names[0]].pk).update(main_of=user, main_choice="OWN", main_chosen_by=user)
        TimelineEvent.objects.filter(character__name__in=names).update(person=user, actor=user)
    Membership.objects.filter(pk=places["Fourth"].pk).update(noted_main=places["First"])
    for kind in set(TimelineEvent.Kind) - set(TimelineEvent.PUBLIC_KINDS):
        TimelineEvent.objects.create(
            guild=guild,
            kind=kind,
            happened_at=EARLIER,
            character=places["First"].character,
            character_name="First",
            person=mara,
            actor=bara,
        )
    Grant.objects.create(
        guild=guild, user=bara, reason="trial", expires_at=timezone.now() + timedelta(days=1), granted_by=mara
    )
    OfficerNote.objects.create(guild=guild, about_person=bara, text="Secret", author=mara)
    TodoItem.objects.create(
        guild=guild,
        character=places["Fourth"].character,
        kind="REMOVE",
        from_rank=3,
        added_by=mara,
        expires_at=timezone.now() + timedelta(days=1),
    )


def seen_by(browser: Client, address: str) -> str:
    """Return the page without what differs between requests."""
    response = browser.get(address)
    assert response.status_code == 200, address
    return re.sub(r'(csrfmiddlewaretoken" value|"X-CSRFToken|datetime)[^>]*', "", response.content.decode())


def test_an_outsiders_pages_do_not_depend_on_who_has_signed_in(
    guild: Guild, stranger: Client, people: Callable[[str], User]
) -> None:
    nobody_signed_in = {address: seen_by(stranger, address) for address in ASKED}
    two_people_sign_in(guild, people)
    different = [address for address in ASKED if seen_by(stranger, address) != nobody_signed_in[address]]
    assert different == []


def test_outsiders_see_neither_main_badges_nor_the_number_of_players(
    guild: Guild, stranger: Client, people: Callable[[str], User]
) -> None:
    two_people_sign_in(guild, people)
    assert "badge" not in seen_by(stranger, ROSTER)
    assert "Signed in" not in seen_by(stranger, OVERVIEW)
    fragment = stranger.get(ROSTER, headers={"HX-Request": "true"}).content.decode()
    assert "badge" not in fragment


def test_members_see_both(guild: Guild, people: Callable[[str], User]) -> None:
    two_people_sign_in(guild, people)
    browser = Client()
    browser.force_login(people("Bara"), BACKEND)
    assert seen_by(browser, ROSTER).count('class="badge"') == 2
    assert "Players signed in" in seen_by(browser, OVERVIEW)
