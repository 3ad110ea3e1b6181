"""The demo from start to Ctrl-C, with real servers and a stand-in for the site."""

import signal
import socket

import pytest

from tests.drills.embedded.checkouts import Checkout, serving
from tests.stack import PATIENCE

pytestmark = pytest.mark.enable_socket


def test_the_first_demo_syncs_and_prints_a_summary_and_the_next_reuses_its_data(fresh_checkout: Checkout) -> None:
    result = fresh_checkout.run("demo", "--exit")
    assert result.returncode == 0, result.stderr
    assert "2 in Night's Watch" in result.stdout
    assert "0 requests over the limit" in result.stdout
    assert "guildmaster, raider" in result.stdout
    assert fresh_checkout.command_lines() == []

    result = fresh_checkout.run("demo", "--exit")
    assert "Roster" not in result.stdout
    assert "2 in Night's Watch" in result.stdout
    # The sandbox has forgotten all tokens, so players have new ones before a worker can try an old one.
    assert result.stdout.index("Bungie accounts connected again") < result.stdout.index("Site (web")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_it_started(checkout: Checkout, number: signal.Signals) -> None:
    with serving(checkout) as process:
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert checkout.command_lines() == []


def test_servers_that_were_up_before_stay_up(checkout: Checkout) -> None:
    addresses = checkout.up()
    checkout.run("demo", "--exit")
    assert len(checkout.command_lines()) > 1
    assert checkout.up() == addresses


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_port_in_use_is_one_line_that_names_the_setting(checkout: Checkout, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = checkout.run("demo", **{variable: port})
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert port in result.stderr
    assert f"{variable}=" in result.stderr


def test_a_failed_sync_fails_the_demo_and_is_repeated(fresh_checkout: Checkout) -> None:
    result = fresh_checkout.run("demo", "--exit", SYNC_FAILS="1")
    assert result.returncode == 1
    assert "sync_guild" in result.stderr
    assert fresh_checkout.command_lines() == []
    assert "Roster" in fresh_checkout.run("demo", "--exit").stdout


def test_a_killed_demo_can_be_started_again(checkout: Checkout) -> None:
    with serving(checkout) as process:
        process.kill()
    assert checkout.run("demo", "--exit").returncode == 0
