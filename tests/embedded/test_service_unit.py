"""The systemd service of `make install-service`."""

import os
import pwd
from pathlib import Path

import pytest

from tests.drills.embedded.checkouts import Checkout

UNIT = "root/etc/systemd/system/guildsite.service"


@pytest.fixture
def site(tmp_path: Path) -> Checkout:
    """Return a checkout of an ordinary user, whoever runs the tests."""
    checkout = Checkout(tmp_path / "site").create()
    if os.geteuid() == 0:
        os.chown(checkout.folder, pwd.getpwnam("daemon").pw_uid, -1)
    return checkout


def test_the_service_runs_this_checkout_as_its_owner(site: Checkout, tmp_path: Path) -> None:
    result = site.run("install-service", str(tmp_path / "root"), BACKUP_DIR="/mnt/backups")
    assert result.returncode == 0, result.stderr
    assert "sudo systemctl enable --now guildsite" in result.stdout
    unit = (tmp_path / UNIT).read_text().splitlines()
    assert f"User={site.folder.owner()}" in unit
    assert f"WorkingDirectory={site.folder}" in unit
    assert any(line.startswith("ExecStart=/") and line.endswith("python -m embedded run") for line in unit)
    assert f"ReadWritePaths={site.folder} -/mnt/backups" in unit
    assert "RestartPreventExitStatus=78" in unit


def test_a_checkout_of_root_is_refused(site: Checkout, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to root")
    os.chown(site.folder, 0, 0)
    result = site.run("install-service", str(tmp_path / "root"))
    assert result.returncode == 1
    assert "belongs to root, as whom no website should run" in result.stderr
    assert not (tmp_path / UNIT).exists()


def test_a_path_that_systemd_would_misread_is_refused(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "100% ours").create()
    if os.geteuid() == 0:
        os.chown(checkout.folder, pwd.getpwnam("daemon").pw_uid, -1)
    result = checkout.run("install-service", str(tmp_path / "root"))
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "no spaces or special signs" in result.stderr
    assert not (tmp_path / UNIT).exists()
