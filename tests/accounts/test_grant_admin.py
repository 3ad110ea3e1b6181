"""manage.py grant_admin"""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_alice_becomes_a_site_admin(people: Callable[[str], User]) -> None:
    alice, bob = people("Alice"), people("Bob")
    said = StringIO()
    call_command("grant_admin", "alice#1000", stdout=said)
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, True)
    assert (bob.is_staff, bob.is_superuser) == (False, False)
    assert said.getvalue() == "Alice#1000 is now a site admin.\n"


def test_nobody_with_this_battletag_has_signed_in(people: Callable[[str], User]) -> None:
    people("Alice")
    with pytest.raises(CommandError, match="Nobody has signed in as Alice#9 yet"):
        call_command("grant_admin", "Alice#9")


def test_an_ambiguous_battletag_is_an_error() -> None:
    User.objects.create_user(1, "Alice#1")
    User.objects.create_user(2, "Alice#1")
    with pytest.raises(CommandError, match="Several users"):
        call_command("grant_admin", "Alice#1")
    assert not User.objects.filter(is_staff=True).exists()
