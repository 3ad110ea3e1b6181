"""Running PostgreSQL for root, which it refuses, in any folder.

Neither way changes the mode of a folder, adds a user to the machine, or needs a user with access to /root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from embedded.errors import StartError

NOBODY = 65534


def command_prefix(data: Path, program: Path) -> list[str]:
    """Return a prefix for commands of PostgreSQL that are run by root, so that they are not root and own `data`.

    It is empty for ordinary users.
    """
    if os.geteuid() != 0:
        if data.stat().st_uid != os.geteuid():
            raise StartError(f"{data} belongs to another user: start as that user, or remove the folder.")
        return []
    for prefix, owner in _candidates():
        _give(data, owner)
        if _can_run(prefix, data, program):
            return prefix
    raise StartError(
        "PostgreSQL refuses to run as root, and here neither setpriv (capability dac_override) nor unshare "
        "(user namespaces) can give it another user: start as an ordinary user, or set DATABASE_URL."
    )


def _candidates() -> list[tuple[list[str], int]]:
    # Another uid with the capability to enter folders of mode 700, and none of root's other capabilities.
    capabilities = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    nobody = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    return [
        (["setpriv", *nobody, *capabilities], NOBODY),
        # If root has no capabilities, or the programs are in a private folder: a user namespace with another uid.
        (["unshare", "--user", f"--map-user={NOBODY}"], 0),
    ]


def _can_run(prefix: list[str], data: Path, program: Path) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    # PostgreSQL looks for its programs with access(), which ignores the capability to enter private folders.
    finds = "import os, sys; sys.exit(not os.access(sys.argv[1], os.X_OK))"
    probe = 'test "$(id -u)" != 0 && test -O "$1" && test -w "$1" && "$2" --version && "$3" -c "$4" "$2"'
    command = [*prefix, "sh", "-c", probe, "sh", str(data), str(program), sys.executable, finds]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _give(data: Path, owner: int) -> None:
    """Chown the data once: on the first start, or when the method changed."""
    if data.stat().st_uid == owner:
        return
    for folder, _, files in os.walk(data):
        os.chown(folder, owner, -1)
        for name in files:
            os.chown(os.path.join(folder, name), owner, -1, follow_symlinks=False)
