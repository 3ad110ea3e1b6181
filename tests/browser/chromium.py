"""The path of Chromium and its command line."""

import os
import shutil

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Fewer processes.
    "--disable-software-rasterizer",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--disable-extensions",
]
