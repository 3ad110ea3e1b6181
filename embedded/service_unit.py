"""The systemd service that keeps `make run` running, written by `make install-service`."""

import pwd
import re
import sys
from pathlib import Path

from embedded import environment
from embedded.errors import EX_CONFIG, StartError
from embedded.families import GRACE_SECONDS, KILL_SECONDS
from embedded.instance import CHECKOUT, Profile

FOLDER = "etc/systemd/system"
NAME = "guildsite.service"
# Users below this number are system users on Debian, Fedora and Arch. systemd removes the shared memory of others when
# they log out, and PostgreSQL's with it.
FIRST_ORDINARY_USER = 1000

UNIT = """\
# Written by `make install-service`, which overwrites it; changes belong in `systemctl edit guildsite`.
[Unit]
Description=Guildsite, a website for World of Warcraft guilds
Documentation=file:{checkout}/README.md
Wants=network-online.target
After=network-online.target postgresql.service redis-server.service
# Never give up: what cannot heal ends with another status.
StartLimitIntervalSec=0

[Service]
User={user}
WorkingDirectory={checkout}
ExecStart={python} -m embedded run
# New processes with today's code and settings, without refusing a request.
ExecReload=/bin/kill -USR1 $MAINPID
Restart=on-failure
RestartSec=5
# A configuration error, which only a person can correct: `systemctl status guildsite` names it.
RestartPreventExitStatus={configuration_error}
# The supervisor ends its processes itself; whatever is left after that is killed.
KillMode=mixed
TimeoutStopSec={stop_seconds:.0f}

# Only the site's own folder, and that of backups if it is another one, can be written to.
ReadWritePaths={writable}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077

[Install]
WantedBy=multi-user.target
"""


def install(prefix: str) -> None:
    """Write the service below `prefix`, which is empty for this machine, and print what to do next."""
    owner = _owner()
    folder = Path(prefix or "/") / FOLDER
    unit = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unit.write_text(_unit(owner.pw_name))
    except PermissionError as error:
        raise StartError(f"Only root can write to {folder}: run `sudo make install-service`.") from error
    print(f"{unit} is written; it runs {CHECKOUT} as the user {owner.pw_name}. Next:")
    print("  sudo systemctl daemon-reload")
    print("  sudo systemctl enable --now guildsite    # start it now and at every boot")
    print("  systemctl status guildsite               # how it is; `journalctl -u guildsite` has restarts and errors")
    print("  git pull && make upgrade                 # later, as the same user")
    if owner.pw_uid >= FIRST_ORDINARY_USER:
        print(
            f"When {owner.pw_name} logs out, systemd removes the shared memory of PostgreSQL. Run "
            f"`sudo loginctl enable-linger {owner.pw_name}`, or use a system user (`useradd --system`).",
            file=sys.stderr,
        )


def _owner() -> pwd.struct_passwd:
    """Return the user whose checkout this is, which must not be root."""
    owner = pwd.getpwuid(CHECKOUT.stat().st_uid)
    if owner.pw_uid == 0:
        raise StartError(
            f"{CHECKOUT} belongs to root, as whom no website should run: give it to a user of its own first "
            "(useradd --system --create-home guildsite; chown -R)."
        )
    return owner


def _unit(user: str) -> str:
    """Return the unit. systemd quotes paths by other rules in each line, so only plain ones are accepted."""
    # Not resolved: the symlink in the virtual environment makes its packages visible.
    python = Path(sys.executable)
    backups = environment.given(Profile.RUN).get("BACKUP_DIR")
    for path in (CHECKOUT, python, backups or CHECKOUT):
        if not re.fullmatch(r"[\w./+-]+", str(path)):
            raise StartError(f"systemd needs a folder whose path has no spaces or special signs, unlike {path}.")
    return UNIT.format(
        user=user,
        checkout=CHECKOUT,
        # The sign lets the service start before that folder exists.
        writable=f"{CHECKOUT} -{backups}" if backups else CHECKOUT,
        python=python,
        configuration_error=EX_CONFIG,
        stop_seconds=GRACE_SECONDS + KILL_SECONDS + 10,
    )
