"""The page that lists a user's sessions, with buttons to end them."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.session_store import MAX_AGE, MAX_IDLE
from accounts.sessions import end_session, end_sessions, sessions_of

never_stored = cache_control(private=True, no_store=True)


@never_stored
@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """List the user's sessions, with this one marked."""
    context = {
        "sessions": sessions_of(cast(User, request.user)),
        "this_key": request.session.session_key,
        "days": MAX_AGE.days,
        "idle_days": MAX_IDLE.days,
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
@login_required
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End one session; ending this one leads to the landing page."""
    user = cast(User, request.user)
    is_this = sessions_of(user).filter(public_id=session_id, pk=request.session.session_key).exists()
    if not end_session(user=user, public_id=session_id):
        raise Http404
    if is_this:
        request.session.flush()
        return redirect("landing")
    messages.success(request, _("Session ended."))
    return redirect("account_sessions")


@require_POST
@login_required
def end_everywhere(request: HttpRequest) -> HttpResponse:
    """End all sessions, including this one."""
    end_sessions(user=cast(User, request.user))
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("landing")
