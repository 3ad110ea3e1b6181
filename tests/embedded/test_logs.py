"""Log files: bounded, and kept while processes write to them."""

import subprocess
import sys
from pathlib import Path

from embedded import logs
from tests.stack import wait_until


def test_a_large_log_is_rotated_while_a_process_writes_to_it(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    script = "import sys\nfor line in sys.stdin: print('heard', line.strip(), flush=True)"
    with (
        log.open("ab") as file,
        subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=file, text=True) as process,
    ):
        assert process.stdin

        def say(word: str) -> None:
            assert process.stdin
            print(word, file=process.stdin, flush=True)
            wait_until(lambda: f"heard {word}" in log.read_text())

        say("first")
        logs.rotate(tmp_path, largest=5, older_parts=2)
        say("second")
        logs.rotate(tmp_path, largest=5, older_parts=2)
        say("third")
        process.stdin.close()
        process.wait()
    assert log.read_text() == "heard third\n"
    assert (tmp_path / "web.log.1").read_text() == "heard second\n"
    assert (tmp_path / "web.log.2").read_text() == "heard first\n"


def test_rotated_logs_have_a_bounded_size(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for number in range(20):
        with log.open("a") as file:
            file.write(f"{number:10}" * 20)
        logs.rotate(tmp_path, largest=100, older_parts=3)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == 3 * 200


def test_the_last_line_are_those_since_the_last_start(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("ValueError: an old failure\n")
    logs.mark(log, "web starts")
    assert logs.last_line(log) == ""
    with log.open("a") as file:
        file.write("starting\nImportError: no module called guild\nbye\n")
    assert logs.last_line(log) == ": ImportError: no module called guild"
