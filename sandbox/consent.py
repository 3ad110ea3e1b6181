"""The OAuth authorization page: choose a persona, allow or deny."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.pages import Choice, consent_page, message_page, scope_box
from sandbox.responses import empty_response, html_response
from sandbox.state import Sandbox
from sandbox.world.models import Persona

SCOPES = ("openid", "wow.profile", "sc2.profile", "d3.profile", "streaming.titles")
_CARRIED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The parameters of an authorization request."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str

    def redirect(self, **answer: str) -> web.Response:
        """Redirect the browser to the application with these parameters."""
        return redirect(self.redirect_uri, **answer, state=self.state)


def redirect(address: str, **answer: str) -> web.Response:
    """Redirect the browser to this address with these parameters."""
    joint = "&" if urlsplit(address).query else "?"
    return web.Response(status=302, headers={"Location": address + joint + urlencode(answer)})


async def authorize(sandbox: Sandbox, request: web.BaseRequest) -> web.Response:
    """Show the page (GET), handle its form (POST), or consent immediately if ``persona=<name>`` is in the query."""
    if request.method not in ("GET", "POST"):
        return empty_response(405)
    parameters = await parameters_of(request)
    authorization = _parse_authorization(sandbox, parameters)
    if isinstance(authorization, str):
        return html_response(message_page("Bad request", authorization), 400)
    if parameters.get("response_type") != "code":
        return authorization.redirect(error="unsupported_response_type")
    if set(authorization.scopes) - set(SCOPES):
        return authorization.redirect(error="invalid_scope")
    if request.method == "POST":
        return _decide(sandbox, authorization, parameters)
    if "persona" in parameters:
        return _consent(sandbox, authorization, parameters["persona"], shares_characters=None)
    hidden = {name: parameters.get(name, "") for name in _CARRIED}
    choices = [Choice(one.name, one.battletag, one.description) for one in sandbox.world.personas.values()]
    box = scope_box(authorization.scopes)
    return html_response(consent_page(choices, authorization.client_id, "/authorize", hidden, box))


async def parameters_of(request: web.BaseRequest) -> dict[str, str]:
    """Return the parameters of an authorization request: its query, or the form of the page."""
    if request.method == "GET":
        return dict(request.query)
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _parse_authorization(sandbox: Sandbox, parameters: Mapping[str, str]) -> AuthorizationRequest | str:
    """Return the request, or an error message, which is shown and never redirected to an untrusted URL."""
    if parameters.get("client_id") != sandbox.options.client_id:
        return "Unknown client."
    if not is_allowed(parameters.get("redirect_uri", "")):
        return "The redirect_uri does not match a registered one."
    if not parameters.get("state"):
        return "The state parameter must be provided"
    scopes = tuple(parameters.get("scope", "").split())
    return AuthorizationRequest(
        parameters["client_id"], parameters["redirect_uri"], scopes, parameters["state"], parameters.get("nonce", "")
    )


def is_allowed(redirect_uri: str) -> bool:
    """Return whether the sandbox redirects to this address: https, or http on this machine."""
    try:
        address = urlsplit(redirect_uri)
    except ValueError:
        return False
    if address.fragment or not address.hostname:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOCAL_HOSTS)


def _decide(sandbox: Sandbox, authorization: AuthorizationRequest, parameters: Mapping[str, str]) -> web.Response:
    if parameters.get("decision") != "allow":
        return authorization.redirect(error="access_denied")
    return _consent(
        sandbox, authorization, parameters.get("persona", ""), shares_characters="wow.profile" in parameters
    )


def _consent(
    sandbox: Sandbox, authorization: AuthorizationRequest, name: str, *, shares_characters: bool | None
) -> web.Response:
    """Redirect with a code. Without a form (None), the persona's own setting decides what is shared."""
    person: Persona | None = sandbox.world.personas.get(name)
    if person is None:
        return html_response(message_page("Bad request", "Unknown persona."), 400)
    shares = person.grants_wow_profile if shares_characters is None else shares_characters
    granted = tuple(scope for scope in authorization.scopes if scope != "wow.profile" or shares)
    code = sandbox.tokens.issue_code(
        authorization.client_id, authorization.redirect_uri, name, granted, authorization.nonce
    )
    return authorization.redirect(code=code)
