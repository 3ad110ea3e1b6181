"""axe-core finds nothing on any page of the site and of the admin, in any state, and they fit 320 pixels."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.access.two_guilds import TwoGuilds
from tests.browser.axe import judge
from tests.browser.conftest import chromium, site  # noqa: F401 - fixtures
from tests.browser.in_process import Site
from tests.browser.page_states import states_of_the_admin, states_of_the_site

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parents[2] / "docs" / "accessibility.md"


def test_no_violation_on_the_site(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:  # noqa: F811 - the fixture
    check_table("Site", judge(states_of_the_site(two_guilds), site, two_guilds))


def test_no_violation_in_the_admin(site: tuple[Any, Site], two_guilds: TwoGuilds) -> None:  # noqa: F811 - the fixture
    check_table("Admin", judge(states_of_the_admin(two_guilds), site, two_guilds))


def check_table(title: str, lines: list[str]) -> None:
    """Assert that the document's table of this title has these lines; WRITE_TABLES=1 writes them."""
    text = TABLE.read_text()
    before, head, rest = text.partition(f"## {title}\n")
    _, following, after = rest.partition("\n## ")
    table = "\n".join(["", "| state | who | status | violations |", "|---|---|--:|--:|", *lines, ""])
    written = f"{before}{head}{table}{following}{after}"
    if os.environ.get("WRITE_TABLES"):
        TABLE.write_text(written)
    assert TABLE.read_text() == written, "docs/accessibility.md is outdated: run the test with WRITE_TABLES=1"
