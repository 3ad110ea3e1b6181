"""`python -m embedded`: manage the embedded servers."""

import argparse
import shlex
import signal
import subprocess
import sys

import psutil
import psycopg

from embedded import demo, environment, interrupts, moves, run, running_site, servers, service_unit, upgrade
from embedded.errors import StartError
from embedded.instance import CHECKOUT, Instance, Profile


def main() -> int:
    """Run a command; expected failures are one line and an exit status, a traceback is a bug."""
    interrupts.install()
    arguments = _parser().parse_args()
    try:
        status: int = arguments.run(arguments)
    except interrupts.Interrupted:
        return interrupts.status()
    except (StartError, OSError, psutil.Error, psycopg.Error) as error:
        print(f"embedded: {' '.join(str(error).split())}", file=sys.stderr)
        return error.status if isinstance(error, StartError) else 1
    return status


def up(arguments: argparse.Namespace) -> int:
    """Start servers that outlive this command."""
    started = servers.start(arguments.profile, environment.given(arguments.profile))
    if arguments.print_env:
        print(f"export DATABASE_URL={shlex.quote(started.database_url)}")
        print(f"export REDIS_URL={shlex.quote(started.redis_url)}")
    else:
        print("PostgreSQL and Redis run until `python -m embedded down`; addresses: `up --print-env`.")
    return 0


def down(arguments: argparse.Namespace) -> int:
    """Stop servers, whichever command started them."""
    profiles = [arguments.profile] if arguments.profile else list(Profile)
    for profile in profiles:
        running_site.refuse_if_running(Instance(profile))
    for profile in profiles:
        servers.stop(profile)
    return 0


def status(arguments: argparse.Namespace) -> int:
    """List the servers of all profiles."""
    for profile in Profile:
        for name, pid in servers.running(profile).items():
            print(f"{profile:<5} {name:<9} {f'runs (pid {pid})' if pid else 'does not run'}")
    return 0


def execute(arguments: argparse.Namespace) -> int:
    """Run a command with the servers and environment of a profile; return its exit status."""
    profile: Profile = arguments.profile
    with servers.borrowed(profile, environment.given(profile)) as addresses:
        child = subprocess.Popen(arguments.command, env=environment.for_site(profile, addresses))
        # Ctrl-C reaches the command directly, because it is in the terminal's foreground.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: child.send_signal(received))
        status = child.wait()
    return status if status >= 0 else 128 - status


def serve_demo(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C, which is exit status 0."""
    demo.demo(leave=arguments.exit)
    return 0


def serve_real(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C, which is exit status 0."""
    run.run()
    return 0


def upgrade_site(arguments: argparse.Namespace) -> int:
    """Bring the running site to the code of this checkout."""
    upgrade.upgrade()
    return 0


def install_service(arguments: argparse.Namespace) -> int:
    """Write the systemd service."""
    service_unit.install(arguments.prefix)
    return 0


def move_database(arguments: argparse.Namespace) -> int:
    """Copy the real site's embedded database to the one of DATABASE_URL."""
    moves.move_to_own()
    return 0


def upgrade_database(arguments: argparse.Namespace) -> int:
    """Move an embedded database to the installed PostgreSQL."""
    moves.upgrade(arguments.profile)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded", description=f"Servers of {CHECKOUT}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("demo", help="serve the site with the sandbox Battle.net")
    command.add_argument("--exit", action="store_true", help="exit after the first sync")
    command.set_defaults(run=serve_demo)

    command = commands.add_parser("run", help="serve the site with the real Battle.net, configured by .env")
    command.set_defaults(run=serve_real)

    command = commands.add_parser("upgrade", help="migrate, and replace the running site's processes")
    command.set_defaults(run=upgrade_site)

    command = commands.add_parser("install-service", help="write a systemd service that runs the real site")
    command.add_argument("prefix", nargs="?", default="", help="folder instead of /")
    command.set_defaults(run=install_service)

    command = commands.add_parser("exec", help="run a command of the site, with its servers")
    # The real site: what an operator types must not reach the demo's database.
    command.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.RUN)
    command.add_argument("command", nargs="+", metavar="-- COMMAND")
    command.set_defaults(run=execute)

    command = commands.add_parser("up", help="start PostgreSQL and Redis in the background")
    command.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.DEMO)
    command.add_argument("--print-env", action="store_true", help="print lines for `eval`")
    command.set_defaults(run=up)

    command = commands.add_parser("down", help="stop PostgreSQL and Redis")
    command.add_argument("--profile", type=Profile, choices=list(Profile), help="only these; default: all")
    command.set_defaults(run=down)

    command = commands.add_parser("move-database", help="copy the embedded database to the one of DATABASE_URL")
    command.set_defaults(run=move_database)

    command = commands.add_parser("upgrade-database", help="move the embedded database to the installed PostgreSQL")
    command.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.RUN)
    command.set_defaults(run=upgrade_database)

    command = commands.add_parser("status", help="show which servers are running")
    command.set_defaults(run=status)
    return parser


if __name__ == "__main__":
    sys.exit(main())
