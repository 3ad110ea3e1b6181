"""PostgreSQL and Redis of a checkout, with `make up` and `make down`."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.drills.embedded.checkouts import Checkout
from tests.stack import PATIENCE

pytestmark = pytest.mark.enable_socket


def test_a_second_start_reuses_running_servers(checkout: Checkout) -> None:
    first = checkout.up()
    pids = [checkout.pid("postgres"), checkout.pid("redis")]
    assert checkout.up() == first
    assert [checkout.pid("postgres"), checkout.pid("redis")] == pids


def test_a_restart_keeps_data_and_addresses(checkout: Checkout) -> None:
    addresses = checkout.up()
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS people (name text)")
        connection.execute("INSERT INTO people VALUES ('Ægir')")
    with redis.Redis.from_url(addresses["REDIS_URL"]) as client:
        client.set("raid", "tonight")
    checkout.run("down")
    assert checkout.command_lines() == []

    assert checkout.up() == addresses
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT lower(name) FROM people").fetchone() == ("ægir",)
    with redis.Redis.from_url(addresses["REDIS_URL"]) as client:
        assert client.get("raid") == b"tonight"


def test_servers_that_were_killed_start_again(checkout: Checkout) -> None:
    addresses = checkout.up()
    os.kill(checkout.pid("postgres"), signal.SIGKILL)
    os.kill(checkout.pid("redis"), signal.SIGKILL)
    assert checkout.up() == addresses


def test_another_process_with_an_old_pid_is_left_alone(checkout: Checkout) -> None:
    checkout.up()
    checkout.run("down")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (checkout.folder / ".local/postgres/postmaster.pid").write_text(f"{stranger.pid}\n")
        (checkout.folder / ".local/redis/redis.pid").write_text(f"{stranger.pid}\n")
        checkout.up()
        checkout.run("down")
        assert stranger.poll() is None
        stranger.kill()


def test_two_parallel_starts_start_one_pair_of_servers(fresh_checkout: Checkout) -> None:
    both = [fresh_checkout.start("up", "--print-env") for _ in range(2)]
    printed = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert printed[0] == printed[1] != ""


def test_passwords_are_required_and_not_readable_by_others(checkout: Checkout) -> None:
    addresses = checkout.up()
    port = addresses["REDIS_URL"].rsplit(":", 1)[1].split("/")[0]
    client = redis.Redis(port=int(port), retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()
    assert (checkout.folder / ".local/servers.json").stat().st_mode & 0o777 == 0o600
    assert (checkout.folder / ".local").stat().st_mode & 0o777 == 0o700


def test_a_server_with_a_configured_url_is_not_started(fresh_checkout: Checkout) -> None:
    result = fresh_checkout.run("up", "--print-env", DATABASE_URL="postgres://elsewhere/guild")
    assert "postgres://elsewhere/guild" in result.stdout
    assert not (fresh_checkout.folder / ".local/postgres").exists()


def test_a_full_disk_is_one_line_that_names_the_log(fresh_checkout: Checkout) -> None:
    # A limit on file sizes simulates a full disk.
    fresh_checkout.prefix = ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh"]
    result = fresh_checkout.run("up")
    fresh_checkout.prefix = ()
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "postgres.log" in result.stderr
    assert fresh_checkout.up()


def test_an_ordinary_user_can_start_them() -> None:
    if os.geteuid() != 0:
        pytest.skip("whoever runs this is an ordinary user: the other tests show it")
    # It can read everything, because the virtual environment can be below /root, but writes only its own files.
    nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
    nobody += " --inh-caps +dac_read_search --ambient-caps +dac_read_search"
    parent = Path(tempfile.mkdtemp(prefix="guildsite-"))
    checkout = Checkout(parent / "site", prefix=nobody.split()).create()
    for path in (parent, *parent.rglob("*")):
        os.chown(path, 65534, 65534)
    try:
        checkout.up()
        assert (checkout.folder / ".local/servers.json").stat().st_uid == 65534
        assert checkout.run("down").returncode == 0
        assert checkout.command_lines() == []
    finally:
        shutil.rmtree(parent)


def test_exec_returns_the_status_and_stops_what_it_started(checkout: Checkout) -> None:
    result = checkout.run("exec", "--profile", "test", "--", "python", "-c", "raise SystemExit(7)")
    assert result.returncode == 7
    assert checkout.command_lines() == []


def test_parallel_test_runs_have_their_own_databases(checkout: Checkout) -> None:
    command = ["exec", "--profile", "test", "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL; sleep 1"]
    both = [checkout.start(*command) for _ in range(2)]
    first, second = (process.communicate(timeout=PATIENCE)[0].split() for process in both)
    assert first[0] != second[0]
    assert first[1] != second[1]
    assert checkout.command_lines() == []


def test_exec_leaves_servers_running_that_were_started_to_stay(checkout: Checkout) -> None:
    checkout.up()
    checkout.run("exec", "--", "true")
    assert len(checkout.command_lines()) > 1


def test_the_keys_of_demo_and_tests_are_marked_as_such(checkout: Checkout) -> None:
    """The site refuses them on a public address."""
    result = checkout.run("exec", "--profile", "test", "--", "sh", "-c", "echo $SECRET_KEY $CRYPTOGRAPHY_KEY")
    assert [key.startswith("test-only-") for key in result.stdout.split()] == [True, True]


def test_a_configured_url_can_be_in_a_file(fresh_checkout: Checkout) -> None:
    (fresh_checkout.folder / "url").write_text("postgres://elsewhere/guild\n")
    result = fresh_checkout.run("up", "--print-env", DATABASE_URL_FILE=str(fresh_checkout.folder / "url"))
    assert "DATABASE_URL=postgres://elsewhere/guild\n" in result.stdout
    assert not (fresh_checkout.folder / ".local/postgres").exists()


def test_data_of_another_major_version_names_the_command_that_moves_it(fresh_checkout: Checkout) -> None:
    fresh_checkout.up()
    fresh_checkout.run("down")
    (fresh_checkout.folder / ".local/postgres/PG_VERSION").write_text("16\n")
    result = fresh_checkout.run("up")
    assert result.returncode == 78
    assert "is of PostgreSQL 16, installed is 18: run .venv/bin/python -m embedded upgrade-database" in result.stderr
