"""Starting and stopping the sandbox process."""

import signal
import socket
import subprocess
import sys
from threading import Thread

import psutil
import pytest
import requests

from tests.sandbox.client import ROOT, Client, running
from tests.stack import PATIENCE


def test_it_prints_its_address() -> None:
    with running("--port", "0") as (_, line):
        assert line.startswith("sandbox: listening on http://127.0.0.1:")
        assert requests.get(line.split()[3] + "/_sandbox/stats", timeout=5).status_code == 200


def test_it_starts_with_less_than_two_seconds_of_processor_time() -> None:
    with running("--port", "0") as (process, _):
        assert processor_seconds(process) < 2


def test_a_large_world_starts_with_less_than_three_seconds_of_processor_time() -> None:
    with running("--port", "0", "--world", "large") as (process, line):
        assert processor_seconds(process) < 3
        world = requests.get(line.split()[3] + "/_sandbox/world", timeout=5).json()
    assert world["characters"] == 30_000
    assert world["demo_guild"]["member_count"] == 1000


def test_a_port_in_use_is_one_clear_line_and_status_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"sandbox: cannot listen on 127.0.0.1:{port}: the port is in use\n"
    assert ended.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_immediately_with_status_0(number: signal.Signals) -> None:
    with running("--port", "0") as (process, _):
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.communicate() == ("", "")


def test_a_signal_ends_it_while_an_answer_is_being_delayed() -> None:
    with running("--port", "0") as (process, line):
        client = Client(line.split()[3])
        # Longer than the test waits: the process must not wait for the delay.
        client.control("faults", {"path": "/token", "delay_ms": 10_000 * int(PATIENCE)})
        waiting = Thread(target=_request_despite_errors, args=(client,))
        waiting.start()
        while not client.control("faults")["faults"][0]["applied"]:
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.communicate() == ("", "")
        waiting.join(PATIENCE)
        client.session.close()


def _request_despite_errors(client: Client) -> None:
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.post(client.base_url + "/token", timeout=PATIENCE)


def processor_seconds(process: "subprocess.Popen[str]") -> float:
    """Return the processor time that the process has used, independent of the machine's load."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)
