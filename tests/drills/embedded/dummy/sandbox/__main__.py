"""A stand-in for the sandbox: the two responses that the demo reads."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

ANSWERS = {
    "/_sandbox/world": {
        "demo_guild": {
            "region": "eu",
            "realm_slug": "silvermoon",
            "name": "Night's Watch",
            "slug": "nights-watch",
        },
        "personas": [{"name": "guildmaster"}, {"name": "raider"}],
    },
    "/_sandbox/stats": {"requests": 6, "busiest_second": 4, "busiest_hour": 6, "refused": 0},
}


class Sandbox(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(ANSWERS[self.path]).encode())


HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Sandbox).serve_forever()
