"""A stand-in for the site, with a child process like gunicorn's."""

import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

CHILD = subprocess.Popen(["sleep", "600"])


def end(*_: object) -> None:
    CHILD.kill()
    sys.exit()


signal.signal(signal.SIGTERM, end)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Site).serve_forever()
