"""The limit of requests per token."""

import logging

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from api.errors import RateLimited

logger = logging.getLogger(__name__)


def count_request(request: HttpRequest, reader: str) -> None:
    """Count a request of this token or player. Without Redis nothing is limited. Raises RateLimited."""
    try:
        usage = get_usage(
            request, group="api", key=lambda group, request: reader, rate=settings.API_RATE, increment=True
        )
    except RedisError:
        logger.warning("Redis does not answer: requests to the API are not limited.")
        return
    if usage and usage["should_limit"]:
        raise RateLimited(max(int(usage["time_left"]), 1))
