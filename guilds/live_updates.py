"""Pages that update themselves: a small address says whether the data of a page is still being fetched.

It costs one statement, is only asked while something is under way, and answers 304 while nothing has changed. The
address is signed for one subject and a day: whoever has it has seen the page, and learns nothing but when it changes.
"""

from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.live_updates import update_response
from accounts.models import User
from characters.models import Character
from guilds.models import Guild
from guilds.update_states import UpdateState, player_state, update_states

SALT = "guilds.live_updates"
LASTS = 24 * 3600
MODELS: dict[str, type[Guild] | type[Character]] = {"guild": Guild, "character": Character}


def address_of(subject: Guild | Character | User) -> str:
    """Return the address at which to ask for the state of the subject's data."""
    token = signing.dumps([subject._meta.model_name, str(subject.pk)], salt=SALT, compress=True)
    return reverse("updates", args=(token,))


def version_of(state: UpdateState) -> str:
    """Return a text that changes when the data has been fetched."""
    return f"{state.checked_at.timestamp() if state.checked_at else 0}-{int(state.is_busy)}"


@require_safe
def updates(request: HttpRequest, token: str) -> HttpResponse:
    """Say whether the data is being fetched, and its version; 304 if that is what the browser knows already."""
    try:
        kind, text = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        raise Http404 from None
    key = UUID(text)
    state = player_state(key) if kind == "user" else update_states(MODELS[kind], [key]).get(key, UpdateState())
    return update_response(request, version=version_of(state), is_busy=state.is_busy)
