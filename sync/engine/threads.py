"""Threads that work for the task or request that starts them: their log lines have its id."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any


class ThreadPool(ThreadPoolExecutor):
    """A pool whose threads see the context variables of the caller."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(copy_context().run, fn, *args, **kwargs)
