"""Bungie's authorization page: choose a persona, allow or deny."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from sandbox.bungie.state import Bungie
from sandbox.consent import is_allowed, parameters_of, redirect
from sandbox.pages import Choice, consent_page, message_page
from sandbox.responses import empty_response, html_response

PATH = "/en/oauth/authorize"
_CARRIED = ("client_id", "redirect_uri", "response_type", "state", "code_challenge")


@dataclass(frozen=True, slots=True)
class _AuthorizationRequest:
    redirect_url: str
    state: str | None
    challenge: str

    def redirect(self, **answer: str) -> web.Response:
        state = {} if self.state is None else {"state": self.state}
        return redirect(self.redirect_url, **answer, **state)


async def authorize(bungie: Bungie, request: web.BaseRequest) -> web.Response:
    """Show the page (GET), handle its form (POST), or consent immediately if ``persona=<name>`` is in the query."""
    if request.method not in ("GET", "POST"):
        return empty_response(405)
    parameters = await parameters_of(request)
    authorization = _parse(bungie, parameters)
    if isinstance(authorization, str):
        return html_response(message_page("Bad request", authorization), 400)
    if parameters.get("response_type") != "code":
        return authorization.redirect(error="unsupported_response_type")
    if "AdvancedWriteActions" in parameters.get("scope", ""):
        return authorization.redirect(error="invalid_scope")
    if request.method == "POST" and parameters.get("decision") != "allow":
        return authorization.redirect(error="access_denied")
    if "persona" in parameters:
        return _consent(bungie, authorization, parameters["persona"])
    hidden = {name: parameters[name] for name in _CARRIED if name in parameters}
    return html_response(consent_page(_choices(bungie), parameters["client_id"], request.path, hidden))


def _parse(bungie: Bungie, parameters: Mapping[str, str]) -> _AuthorizationRequest | str:
    """Return the request, or an error message, which is shown and never redirected to an untrusted URL."""
    if parameters.get("client_id") != bungie.options.bungie_client_id:
        return "Unknown client."
    registered = bungie.options.bungie_redirect_url
    wanted = parameters.get("redirect_uri", registered)
    if wanted != registered if registered else not is_allowed(wanted):
        return "The redirect_uri is not the registered one."
    return _AuthorizationRequest(wanted, parameters.get("state"), parameters.get("code_challenge", ""))


def _choices(bungie: Bungie) -> list[Choice]:
    return [
        Choice(person.name, f"{person.bungie_name}#{person.code:04}" if person.bungie_name else "-", person.description)
        for person in bungie.people.values()
    ]


def _consent(bungie: Bungie, authorization: _AuthorizationRequest, name: str) -> web.Response:
    if name not in bungie.people:
        return html_response(message_page("Bad request", "Unknown persona."), 400)
    code = bungie.tokens.issue_code(name, authorization.redirect_url, authorization.challenge)
    return authorization.redirect(code=code)
