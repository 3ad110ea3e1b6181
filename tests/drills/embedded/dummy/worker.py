"""A stand-in for a worker, which does what a file beside it says: a status to end with, or `chatter`."""

import sys
import time
from pathlib import Path

ORDER = Path("worker.order")
print("worker is here", flush=True)
while True:
    order = ORDER.read_text() if ORDER.exists() else ""
    if order:
        ORDER.unlink()
    if order == "chatter":
        for _ in range(300):
            print("chatter " * 16_000, flush=True)
            time.sleep(0.002)
        print("done", flush=True)
    elif order.isdecimal():
        print("guildsite: SECRET_KEY is missing", flush=True)
        sys.exit(int(order))
    time.sleep(0.05)
