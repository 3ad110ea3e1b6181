"""The sandbox as a program: how it starts and how it ends."""

import signal
import socket
import subprocess
import sys
import time
from threading import Thread

import pytest
import requests

from tests.sandbox.client import ROOT, Client, running


def test_it_says_where_it_listens() -> None:
    with running("--port", "0") as (_, line):
        assert line.startswith("sandbox: listening on http://127.0.0.1:")
        assert requests.get(line.split()[3] + "/_sandbox/stats", timeout=5).status_code == 200


def test_it_starts_in_less_than_two_seconds() -> None:
    before = time.monotonic()
    with running("--port", "0"):
        assert time.monotonic() - before < 2


def test_a_large_world_starts_in_less_than_three_seconds() -> None:
    before = time.monotonic()
    with running("--port", "0", "--world", "large") as (_, line):
        assert time.monotonic() - before < 3
        world = requests.get(line.split()[3] + "/_sandbox/world", timeout=5).json()
    assert world["characters"] == 30_000
    assert world["demo_guild"]["member_count"] == 1000


def test_a_taken_port_is_one_clear_line_and_status_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"sandbox: cannot listen on 127.0.0.1:{port}: the port is taken\n"
    assert ended.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_status_0(number: signal.Signals) -> None:
    with running("--port", "0") as (process, _):
        process.send_signal(number)
        assert process.wait(timeout=1) == 0
        assert process.communicate() == ("", "")


def test_a_signal_ends_it_while_an_answer_is_being_delayed() -> None:
    with running("--port", "0") as (process, line):
        client = Client(line.split()[3])
        client.control("faults", {"path": "/token", "delay_ms": 60_000})
        waiting = Thread(target=_ask_in_vain, args=(client,))
        waiting.start()
        while not client.control("faults")["faults"][0]["struck"]:
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=2) == 0
        assert process.communicate() == ("", "")
        waiting.join(timeout=2)
        client.session.close()


def _ask_in_vain(client: Client) -> None:
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.post(client.base_url + "/token", timeout=10)
