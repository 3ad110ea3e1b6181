"""Drill: an operator follows the README in a fresh clone, and the site they get survives kills and an upgrade."""

import json
import os
import pwd
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.battlenet import CHECKOUT, CLIENT_ID, CLIENT_SECRET, Sandbox, start_sandbox
from tests.drills.embedded.checkouts import command_line
from tests.drills.readme import Operator, blocks, clone_of_this
from tests.stack import free_port, wait_until

pytestmark = pytest.mark.enable_socket
COMMANDS = [command for block in blocks((CHECKOUT / "README.md").read_text()) for command in block]
# The site's processes and words of their command lines.
PROCESSES = {"web": "gunicorn", "interactive": "interactive@", "worker": "worker@", "beat": "guildsite beat"}
# What a process or server logs when it starts or, better, when it works.
WORKS = {"web": "web starts", "beat": "beat starts", "postgres": "ready to accept", "redis": "Ready to accept"}
SERVERS = {"postgres": "postgres/postmaster.pid", "redis": "redis/redis.pid"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    process, sandbox = start_sandbox()
    yield sandbox
    process.terminate()
    process.wait(10)
    process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def operator(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    home = tmp_path_factory.mktemp("operator")
    guild, persona = sandbox.demo_guild(), sandbox.persona("social")
    operator = Operator(
        home / "guildsite",
        variables={
            "PORT": str(free_port()),
            "SANDBOX_PORT": str(free_port()),
            "PREFIX": str(home / "root"),
            "PATH": f"{without_systemd(home / 'bin')}:{os.environ['PATH']}",
        },
        placeholders={
            "<this repository>": clone_of_this(),
            'eu argent-dawn "Your Guild"': f'{guild["region"]} {guild["realm_slug"]} "{guild["name"]}"',
            "Name#1234": persona["battletag"],
        },
    )
    yield operator
    operator.clean_up()


def without_systemd(folder: Path) -> Path:
    """Return a folder with what root would run: `systemctl enable` checks the service instead of starting it."""
    folder.mkdir()
    # macOS, for example, has neither systemd nor services for it.
    verify = "if command -v systemd-analyze >&2; then systemd-analyze verify $PREFIX/etc/systemd/system/*; fi"
    scripts = {"sudo": 'exec "$@"', "systemctl": f'if [ "$1" = enable ]; then {verify}; fi'}
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def url(operator: Operator, port: str = "") -> str:
    return f"http://127.0.0.1:{port or operator.variables['PORT']}"


def is_ready(operator: Operator) -> bool:
    try:
        return requests.get(f"{url(operator)}/readyz", timeout=10).ok
    except requests.RequestException:
        return False


def test_the_demo_serves(operator: Operator) -> None:
    clone, demo, on_other_ports = COMMANDS[:3]
    operator.type(clone)
    if not os.environ.get("FRESH_INSTALL"):
        operator.borrow_packages()
    for command, port in ((demo, ""), (on_other_ports, "8001")):
        process = operator.serve(command)
        assert "Guildsite" in requests.get(url(operator, port), timeout=60).text
        operator.press_ctrl_c(process)


def test_the_site_serves_with_settings_from_the_example(operator: Operator, sandbox: Sandbox) -> None:
    copy, run = COMMANDS[3:5]
    operator.type(copy)
    settings = operator.folder / ".env"
    secret = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
    assert secret in settings.read_text()
    given = {
        "SECRET_KEY": operator.type(secret).strip(),
        "CRYPTOGRAPHY_KEY": operator.type(secret).strip(),
        "SITE_URL": url(operator),
        "BLIZZARD_CLIENT_ID": CLIENT_ID,
        "BLIZZARD_CLIENT_SECRET": CLIENT_SECRET,
        "BLIZZARD_OAUTH_URL": sandbox.url,
        "BLIZZARD_API_URL": sandbox.url,
    }
    # A later line of the file counts.
    with settings.open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in given.items())
    operator.serve(run)
    assert "Guildsite" in requests.get(url(operator), timeout=60).text


def test_the_commands_reach_the_site(operator: Operator, sandbox: Sandbox) -> None:
    static, guild, admin = COMMANDS[5:8]
    operator.type(static)
    assert "1000 created" in operator.type(guild)
    browser = sign_in(operator, "social")
    guild_name = sandbox.demo_guild()["name"]
    wait_until(lambda: guild_name in browser.get(f"{url(operator)}/characters/", timeout=60).text)
    assert not is_site_admin(operator, browser)
    operator.type(admin)
    assert is_site_admin(operator, browser)
    wait_until(lambda: is_ready(operator))


def sign_in(operator: Operator, persona: str) -> requests.Session:
    """Return a browser in which the persona has signed in with Battle.net."""
    browser = requests.Session()
    browser.get(url(operator), timeout=60)
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    login = f"{url(operator)}/accounts/battlenet/login/"
    to_battlenet = browser.post(login, form, allow_redirects=False, timeout=60)
    arrived = browser.get(f"{to_battlenet.headers['Location']}&persona={persona}", timeout=60)
    assert arrived.url == f"{url(operator)}/characters/"
    return browser


def is_site_admin(operator: Operator, browser: requests.Session) -> bool:
    answer = browser.get(f"{url(operator)}/admin/status/", allow_redirects=False, timeout=60)
    return answer.status_code == 200


def supervisor(operator: Operator) -> psutil.Process:
    announced = (operator.folder / ".local/run/site.pid").read_text().split("\n", 1)[1]
    return psutil.Process(json.loads(announced)["pid"])


def pid_of(operator: Operator, name: str) -> int | None:
    """Return the pid of a process of the site or of a server; None while there is none."""
    if name in SERVERS:
        file = operator.folder / ".local/run" / SERVERS[name]
        text = file.read_text() if file.exists() else ""
        pid = int(text.split("\n", 1)[0]) if text else None
        return pid if pid is not None and psutil.pid_exists(pid) else None
    children = supervisor(operator).children()
    return next((one.pid for one in children if PROCESSES[name] in command_line(one)), None)


@pytest.mark.parametrize("name", [*PROCESSES, *SERVERS])
def test_what_is_killed_comes_back_and_pages_answer(operator: Operator, name: str) -> None:
    log, words = operator.folder / f".local/run/log/{name}.log", WORKS.get(name, " ready.")
    before, starts, began = pid_of(operator, name), log.read_text().count(words), time.monotonic()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: pid_of(operator, name) not in {None, before} and log.read_text().count(words) > starts)
    wait_until(lambda: is_ready(operator))
    assert requests.get(url(operator), timeout=60).ok
    print(f"{name} was back after {time.monotonic() - began:.1f} s")


def test_a_second_site_is_refused(operator: Operator) -> None:
    with pytest.raises(AssertionError, match=r"is running on the data in \S+ already: end it first"):
        operator.type("PORT=1 make run")
    assert is_ready(operator)


def test_the_service_is_written(operator: Operator) -> None:
    # Root owns what the tests write, and no website should run as root.
    os.chown(operator.folder, pwd.getpwnam("daemon").pw_uid, -1)
    install, reload, enable = COMMANDS[8:11]
    assert "git pull && make upgrade" in operator.type(install)
    operator.type(reload)
    operator.type(enable)
    assert (Path(operator.variables["PREFIX"]) / "etc/systemd/system/guildsite.service").exists()


def test_an_upgrade_refuses_no_request(operator: Operator) -> None:
    answers: Counter[object] = Counter()
    longest = [0.0]
    is_over = threading.Event()

    def read(client: requests.Session | None) -> None:
        while not is_over.is_set():
            began = time.monotonic()
            try:
                answers[(client or requests).get(url(operator), timeout=60).status_code] += 1
            except requests.RequestException as error:
                answers[repr(error)] += 1
            longest[0] = max(longest[0], time.monotonic() - began)

    before = {name: pid_of(operator, name) for name in PROCESSES}
    # Some on new connections, some on one that stays open, as behind a proxy.
    readers = [threading.Thread(target=read, args=(client,)) for client in (None, requests.Session())]
    for reader in readers:
        reader.start()
    try:
        assert "is served by new processes" in operator.type(COMMANDS[11])
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
    print(f"{answers[200]} requests, the longest took {longest[0]:.1f} s")
    assert set(answers) == {200}
    assert all(pid_of(operator, name) not in {None, pid} for name, pid in before.items())


def test_every_command_of_the_readme_was_typed(operator: Operator) -> None:
    assert [command for command in operator.typed if command in COMMANDS] == COMMANDS
