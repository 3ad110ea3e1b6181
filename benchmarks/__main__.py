"""Run all benchmarks or some, one after another; the output is Markdown tables."""

import argparse
import importlib
import os
import shlex
import signal
import sys
import time

from benchmarks.database import own_database, require_empty_redis
from benchmarks.report import show_environment

# In the order of the table in docs/performance.md.
NAMES = (
    "pipeline_rate",
    "guild_sync",
    "onboarding",
    "rate_limiter_cost",
    "growth",
    "client_rate",
    "hostile_answers",
    "manifest",
    "inventory",
    "bungie_rate",
    "pages",
)
# Not run unless named: it needs 3 GB of disk.
ON_REQUEST = ("job_table",)
KNOWN = (*NAMES, *ON_REQUEST)
WITH_WEB_OPTIONS = {"pages"}


def main() -> None:
    """Run the benchmarks on a separate database. Progress goes to stderr, tables to stdout."""
    arguments = _parser().parse_args()
    # As with Ctrl-C: the processes that a benchmark started end with it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guildsite.settings")
    require_empty_redis()
    with own_database():
        wanted = shlex.join(sys.argv[1:])
        show_environment(f'make bench ARGS="{wanted}"' if wanted else "make bench")
        for name in arguments.names or NAMES:
            began = time.monotonic()
            print(f"{name} ...", file=sys.stderr, flush=True)
            # Imported here, because models can only be imported after Django is set up.
            options = {"web_options": arguments.web} if arguments.web and name in WITH_WEB_OPTIONS else {}
            importlib.import_module(f"benchmarks.{name}").main(quick=arguments.quick, **options)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    # No `choices`: argparse would reject the empty list that means all.
    known = f"of {', '.join(KNOWN)}; default: all but {', '.join(ON_REQUEST)}"
    parser.add_argument("names", nargs="*", metavar="NAME", type=_name, help=known)
    parser.add_argument("--quick", action="store_true", help="short runs with rough results")
    parser.add_argument(
        "--web",
        action="append",
        help="pages: gunicorn's options after those of the Procfile; several --web= are compared",
    )
    return parser


def _name(text: str) -> str:
    if text not in KNOWN:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(KNOWN)}")
    return text


if __name__ == "__main__":
    main()
