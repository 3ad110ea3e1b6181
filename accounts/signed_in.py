"""Views for signed-in users."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request from a signed-in user."""

    user: User


def signed_in(view: Callable[Concatenate[SignedInRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Send visitors to the sign-in page; the view gets a request whose user is known to be a `User`."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return login_required(wrapper)
