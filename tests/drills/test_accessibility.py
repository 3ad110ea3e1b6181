"""axe-core finds nothing on any page of the site, in any state, and they fit 320 pixels."""

from typing import Any

import pytest

from tests.access.two_guilds import TwoGuilds
from tests.browser.axe import judge
from tests.browser.in_process import Site
from tests.browser.page_states import states_of_the_site
from tests.browser.violations import check_table

pytestmark = pytest.mark.django_db


def test_no_violation_on_the_site(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:
    check_table("Site", judge(states_of_the_site(two_guilds), site, two_guilds))
