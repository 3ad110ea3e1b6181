"""Signed-in players read and refresh a guild's pages while a full sync runs; the output is Markdown tables.

Each number of players is a stage. The default is a normal load, twice as many, and again as many as before.
"""

import argparse
import os
import shlex
import signal
import sys

from benchmarks.database import own_database, require_empty_redis
from benchmarks.report import show_environment

PEOPLE = [200, 400, 200]
SECONDS = 60
# Otherwise the sync would pause when it has used Blizzard's limit.
NO_HOURLY_LIMIT = "1000000"


def main() -> None:
    """Run the stages on a separate database, and print their tables."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    os.environ["BLIZZARD_RATE_PER_HOUR"] = NO_HOURLY_LIMIT
    require_empty_redis()
    with own_database():
        show_environment(f'make load ARGS="{shlex.join(sys.argv[1:])}"' if sys.argv[1:] else "make load")
        _run(arguments)


def _run(arguments: argparse.Namespace) -> None:
    # Imported here, because models can only be imported after Django is set up.
    from benchmarks.load import report, stages

    report.show_all(stages.run(arguments.people, seconds=arguments.seconds, web_options=arguments.web or [""]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    add = parser.add_argument
    add("--people", nargs="+", type=int, default=PEOPLE, help="players of each stage (%(default)s)")
    add("--seconds", type=int, default=SECONDS, help="length of a stage (%(default)s)")
    add("--web", action="append", help="gunicorn's options after those of the Procfile; several --web= are compared")
    return parser


if __name__ == "__main__":
    main()
