"""A stand-in for the site, with a child process like gunicorn's; each process answers with its pid."""

import os
import signal
import socket
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
        self.wfile.write(str(os.getpid()).encode())


server = HTTPServer(("127.0.0.1", 0), Site, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(os.environ["BIND"].removeprefix("fd://")))
server.serve_forever()
