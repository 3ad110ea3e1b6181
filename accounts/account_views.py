"""The account pages: the user's data, its export, deletion, and sessions."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import data_requests, personal_data, security_log
from accounts.forms import DeletionForm
from accounts.models import BrowserSession, DataExport, User
from accounts.reauthentication import RECENT, is_recently_authenticated
from accounts.services import end_session, end_sessions
from accounts.session_store import MAX_AGE, MAX_IDLE
from accounts.signed_in import SignedInRequest, signed_in

never_stored = cache_control(private=True, no_store=True)
page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@never_stored
@require_safe
@signed_in
def your_data(request: SignedInRequest) -> HttpResponse:
    """Show what is stored about users, why and for how long."""
    return render(
        request, "accounts/data.html", {"sections": [one for one in personal_data.sections() if one.is_shown()]}
    )


@never_stored
@page_with_form
@signed_in
def export(request: SignedInRequest) -> HttpResponse:
    """Offer the export. A POST downloads a small one immediately; a worker prepares a large one."""
    person = request.user
    if request.method != "POST":
        return _export_page(request, person)
    if not is_recently_authenticated(request.session):
        return _export_page(request, person, status=HTTPStatus.FORBIDDEN)
    if data_requests.is_small(person):
        return _file(person, data_requests.document_of(person))
    try:
        data_requests.request_export(person=person)
    except data_requests.WorkersUnavailable:
        messages.error(request, _("The export could not be started. Try again in a few minutes."))
    return redirect("account_export")


@never_stored
@require_safe
@signed_in
def download(request: SignedInRequest, export_id: UUID) -> HttpResponse:
    """Download an export that a worker prepared. Only its user can."""
    person = request.user
    found = DataExport.objects.filter(pk=export_id, user=person).exclude(ready_at=None).first()
    if found is None or found.is_expired:
        raise Http404
    if not is_recently_authenticated(request.session):
        return redirect("account_export")
    return _file(person, found.document)


@never_stored
@page_with_form
@signed_in
def delete(request: SignedInRequest) -> HttpResponse:
    """Delete the account, after a recent sign-in and with the BattleTag typed as confirmation."""
    person = request.user
    is_recent, is_sent = is_recently_authenticated(request.session), request.method == "POST"
    form = DeletionForm(request.POST if is_sent and is_recent else None, person=person)
    if form.is_valid():
        data_requests.delete_account(person=person, actor=person)
        # Not logout(): its signal would record who signed out.
        request.session.flush()
        messages.success(request, _("Account deleted."))
        return redirect("landing")
    context = {"form": form, **_reauthentication(request)}
    status = HTTPStatus.FORBIDDEN if is_sent and not is_recent else HTTPStatus.OK
    return render(request, "accounts/delete.html", context, status=status)


def _export_page(request: HttpRequest, person: User, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"export": data_requests.current_export(person), **_reauthentication(request)}
    return render(request, "accounts/export.html", context, status=status)


def _reauthentication(request: HttpRequest) -> dict[str, object]:
    return {"is_recent": is_recently_authenticated(request.session), "minutes": RECENT // timedelta(minutes=1)}


def _file(person: User, document: str) -> HttpResponse:
    security_log.record(security_log.Event.DATA_EXPORTED, user=person, actor=person)
    name = f"guildsite-{timezone.localdate().isoformat()}.json"
    return HttpResponse(
        document,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


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
