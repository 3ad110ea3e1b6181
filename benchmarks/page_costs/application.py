"""The site's WSGI application for measuring: each answer says what it cost, and there is a bare view to compare with.

gunicorn loads it instead of `guildsite.wsgi`. The costs are in the header `Server-Timing`, in milliseconds: `cpu` is
the processor time of the thread that made the answer, `sql` the time of its statements, with their number.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from guildsite.wsgi import application as site  # first: it sets up Django

# isort: split
from django.db import connection
from django.urls import path

from benchmarks.page_costs import bare
from guildsite.urls import urlpatterns

urlpatterns.append(path(bare.PATH, bare.bare))


class Statements:
    """Counts the statements of one answer, and adds up their times."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the site does, and add the costs."""
    statements, began = Statements(), time.thread_time()

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        costs = (
            f'cpu;dur={(time.thread_time() - began) * 1000:.3f}, sql;dur={statements.seconds * 1000:.3f};desc="{{}}"'
        )
        return start_response(status, [*headers, ("Server-Timing", costs.format(statements.count))], *error)

    with connection.execute_wrapper(statements):
        answer: Iterable[bytes] = site(environ, start)
    return answer
