"""PostgreSQL statement timeouts of web and Celery processes, and the 503 page.

Management commands have no timeout: migrations and pruning can take long.
"""

from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.log import log_response
from psycopg.errors import QueryCanceled

from guildsite import error_pages


def limit_statements(seconds: int) -> None:
    """Set a `statement_timeout` on every database connection that this process opens from now on."""

    def limit(sender: type[BaseDatabaseWrapper], connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])

    # A later call in the same process replaces the receiver.
    connection_created.disconnect(dispatch_uid="statement_timeout")
    connection_created.connect(limit, weak=False, dispatch_uid="statement_timeout")


class AnswerTimeouts(MiddlewareMixin):
    """Middleware that returns a 503 for a statement timeout and logs one line."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not (isinstance(exception, OperationalError) and isinstance(exception.__cause__, QueryCanceled)):
            return None
        response = error_pages.took_too_long(request)
        log_response("Statement timeout: %s", request.path, response=response, request=request)
        return response
