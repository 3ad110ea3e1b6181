"""axe-core finds nothing on any page of the admin, in any state, and they fit 320 pixels."""

from typing import Any

import pytest

from tests.access.two_guilds import TwoGuilds
from tests.browser.axe import judge
from tests.browser.in_process import Site
from tests.browser.page_states import states_of_the_admin
from tests.browser.violations import check_table

pytestmark = pytest.mark.django_db


def test_no_violation_in_the_admin(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    check_table("Admin", judge(states_of_the_admin(two_guilds), site, two_guilds))
