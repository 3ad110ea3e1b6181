"""How long PostgreSQL works on one statement before it gives up, by kind of process.

The web processes and the Celery processes set a limit at their start; management commands run without one, because
migrations and pruning may take their time.
"""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response
from psycopg.errors import QueryCanceled

from guildsite import error_pages


def limit_statements(seconds: int) -> None:
    """Give every database connection that this process opens from now on a `statement_timeout`."""

    def limit(sender: type[BaseDatabaseWrapper], connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])

    # Kept alive by name: a later call in the same process replaces it.
    connection_created.disconnect(dispatch_uid="statement_timeout")
    connection_created.connect(limit, weak=False, dispatch_uid="statement_timeout")


class AnswerTimeouts:
    """Middleware that answers 503 when a statement ran into the timeout, with one line of log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Everything else passes."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a timeout; nothing for other exceptions."""
        if not (isinstance(exception, OperationalError) and isinstance(exception.__cause__, QueryCanceled)):
            return None
        response = error_pages.took_too_long(request)
        log_response("Statement timeout: %s", request.path, response=response, request=request)
        return response
