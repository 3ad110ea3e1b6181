"""PostgreSQL statement timeouts of web and Celery processes, and the 503 page.

Management commands have no timeout: migrations and pruning can take long.
"""

import weakref
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.log import log_response
from psycopg.errors import QueryCanceled
from psycopg_pool import PoolTimeout

from guildsite import error_pages


def limit_statements(seconds: int) -> None:
    """Set a `statement_timeout` on every database connection that this process opens from now on.

    Not if connections are shared with other processes: the next one, perhaps a migration, would have it too.
    """
    if settings.DB_TRANSACTION_POOLING:
        return
    # Django sends its signal also for connections that come from the pool for the second time.
    limited: weakref.WeakSet[Any] = weakref.WeakSet()

    def limit(sender: type[BaseDatabaseWrapper], connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        if connection.connection in limited:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])
        limited.add(connection.connection)

    # A later call in the same process replaces the receiver.
    connection_created.disconnect(dispatch_uid="statement_timeout")
    connection_created.connect(limit, weak=False, dispatch_uid="statement_timeout")


class AnswerTimeouts(MiddlewareMixin):
    """Middleware that returns a 503 if PostgreSQL took too long or gave no connection, and logs one line."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError):
            return None
        if isinstance(exception.__cause__, QueryCanceled):
            reason = "Statement timeout"
        elif isinstance(exception.__cause__, PoolTimeout):
            reason = "No connection to PostgreSQL"
        else:
            return None
        response = error_pages.took_too_long(request)
        log_response("%s: %s", reason, request.path, response=response, request=request)
        return response
