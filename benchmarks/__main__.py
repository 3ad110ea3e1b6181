"""`python -m benchmarks [NAME ...] [--quick]`: all benchmarks or some, one after the other; tables in Markdown."""

import argparse
import importlib
import os
import signal
import sys
import time

from benchmarks.database import own_database, require_empty_redis
from benchmarks.report import show_circumstances

# In the order of the table in docs/performance.md.
NAMES = ("pipeline_rate", "guild_sync", "onboarding", "throttle_cost", "growth", "client_rate")


def main() -> None:
    """Run what was asked for, on a database of its own. Progress goes to standard error, tables to standard output."""
    arguments = _parser().parse_args()
    # As Ctrl-C does: the processes that a benchmark started end with it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    require_empty_redis()
    with own_database():
        wanted = " ".join([*arguments.names, *(["--quick"] if arguments.quick else [])])
        show_circumstances(f'make bench ARGS="{wanted}"' if wanted else "make bench")
        for name in arguments.names or NAMES:
            began = time.monotonic()
            print(f"{name} ...", file=sys.stderr, flush=True)
            # Imported in its turn: models can be imported only once Django is ready.
            importlib.import_module(f"benchmarks.{name}").main(quick=arguments.quick)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    # No `choices`: argparse would hold the empty list of "all" against them.
    parser.add_argument("names", nargs="*", metavar="NAME", type=_name, help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="short runs, for a first look; the figures are rough")
    return parser


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(NAMES)}")
    return text


if __name__ == "__main__":
    main()
