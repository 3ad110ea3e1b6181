"""The start and the end of `make run`, with real processes and servers and a stand-in for the site."""

import signal

import pytest

from tests.drills.embedded.checkouts import Checkout, serving
from tests.stack import PATIENCE

pytestmark = pytest.mark.enable_socket
SETTINGS = {"BLIZZARD_CLIENT_ID": "ours"}


def test_a_configuration_error_ends_the_site_with_its_own_status(checkout: Checkout) -> None:
    with serving(checkout, "run", **SETTINGS) as site:
        (checkout.folder / "worker.order").write_text("78")
        _, errors = site.communicate(timeout=PATIENCE)
    assert site.returncode == 78
    (line,) = errors.splitlines()
    assert "worker ended with status 78: guildsite: SECRET_KEY is missing" in line
    assert checkout.command_lines() == []


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, ".env is missing or empty"),
        ({"BLIZZARD_CLIENT_ID": "nonsense"}, "not usable: guildsite: BLIZZARD_CLIENT_ID is nonsense"),
    ],
)
def test_unusable_settings_are_one_line_before_anything_starts(
    checkout: Checkout, settings: dict[str, str], complaint: str
) -> None:
    result = checkout.run("run", **settings)
    assert result.returncode == 78
    (line,) = result.stderr.splitlines()
    assert complaint in line
    assert checkout.command_lines() == []


def test_a_database_that_comes_later_is_waited_for(checkout: Checkout) -> None:
    with serving(checkout, "run", **SETTINGS, MIGRATION_FAILS_ONCE="1") as site:
        site.send_signal(signal.SIGINT)
        _, errors = site.communicate(timeout=PATIENCE)
    assert site.returncode == 0
    assert "connection refused" in errors
    assert "Trying again in 0.5 s." in errors


def test_an_upgrade_of_a_site_that_is_not_running_migrates(checkout: Checkout) -> None:
    upgrade = checkout.run("upgrade", **SETTINGS)
    assert upgrade.returncode == 0, upgrade.stderr
    assert "Database up to date" in upgrade.stdout
    assert "The site is not running" in upgrade.stdout
    assert checkout.command_lines() == []
