"""The page that lists a user's sessions, with buttons to end them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.models import BrowserSession
from accounts.services import end_session, end_sessions
from accounts.session_store import MAX_AGE, MAX_IDLE
from accounts.signed_in import SignedInRequest, signed_in

never_stored = cache_control(private=True, no_store=True)


@never_stored
@require_safe
@signed_in
def sessions(request: SignedInRequest) -> HttpResponse:
    """List the user's sessions, with this one marked."""
    context = {
        "sessions": BrowserSession.active(request.user).order_by("-last_used_at"),
        "this_key": request.session.session_key,
        "days": MAX_AGE.days,
        "idle_days": MAX_IDLE.days,
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
@signed_in
def end(request: SignedInRequest, session_id: UUID) -> HttpResponse:
    """End one session; ending this one leads to the landing page."""
    user = request.user
    is_this = BrowserSession.active(user).filter(public_id=session_id, pk=request.session.session_key).exists()
    if not end_session(user=user, public_id=session_id):
        raise Http404
    if is_this:
        request.session.flush()
        return redirect("landing")
    messages.success(request, _("Session ended."))
    return redirect("account_sessions")


@require_POST
@signed_in
def end_everywhere(request: SignedInRequest) -> HttpResponse:
    """End all sessions, including this one."""
    end_sessions(user=request.user)
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("landing")
