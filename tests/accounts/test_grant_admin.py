"""manage.py grant_admin"""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_user_becomes_a_site_admin(people: Callable[[str], User]) -> None:
    ada, rolf = people("Ada"), people("Rolf")
    said = StringIO()
    call_command("grant_admin", "ada#1000", stdout=said)
    ada.refresh_from_db()
    rolf.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser) == (True, True)
    assert (rolf.is_staff, rolf.is_superuser) == (False, False)
    assert said.getvalue() == "Ada#1000 is now a site admin.\n"


def test_nobody_with_this_battletag_has_signed_in(people: Callable[[str], User]) -> None:
    people("Ada")
    with pytest.raises(CommandError, match="Nobody has signed in as Ada#9 yet"):
        call_command("grant_admin", "Ada#9")
