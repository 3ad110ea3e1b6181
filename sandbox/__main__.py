"""Entry point of ``python -m sandbox``."""

import asyncio
import errno
import gc
import signal
import sys
from types import FrameType

from sandbox.options import parse_options
from sandbox.server import serve
from sandbox.state import Sandbox

# Seconds after which a thread that computes lets the event loop answer. It counts requests by when they arrive.
_SWITCH_INTERVAL = 0.0005


def main() -> int:
    """Serve until stopped; return 1 if the address is in use."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    options = parse_options()
    sandbox = Sandbox.from_options(options)
    # A collection over the world would take 0.1 s, in which nobody gets an answer.
    gc.freeze()
    try:
        asyncio.run(serve(sandbox))
    except OSError as error:
        reason = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror
        print(f"sandbox: cannot listen on {options.host}:{options.port}: {reason}", file=sys.stderr)
        return 1
    return 0


def _leave(number: int, frame: FrameType | None) -> None:
    """Exit at once: the event loop, which handles these signals later, is not running yet."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
