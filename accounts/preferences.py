"""The language and time zone that a player chooses, and the language switch at the foot of each page."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts.models import User
from accounts.signed_in import SignedInRequest, signed_in

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class PreferencesForm(forms.Form):
    """Language and time zone."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, user: User) -> None:
        super().__init__(data, initial={"language": user.language, "time_zone": user.time_zone})
        for name, choices in (
            ("language", [("", _("As the browser")), *settings.LANGUAGES]),
            ("time_zone", [("", _("UTC")), *time_zones()]),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = choices


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the time zones by area, as choices."""
    names = sorted(available_timezones())
    return [
        (area, [(name, name.partition("/")[2].replace("_", " ")) for name in names if name.startswith(f"{area}/")])
        for area in AREAS
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def preferences(request: SignedInRequest) -> HttpResponse:
    """Show and save the player's language and time zone."""
    user = request.user
    form = PreferencesForm(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        return render(request, "accounts/preferences.html", {"form": form})
    user.language, user.time_zone = form.cleaned_data["language"], form.cleaned_data["time_zone"]
    user.save(update_fields=("language", "time_zone", "updated_at"))
    if user.language:
        translation.activate(user.language)
    messages.success(request, gettext("Saved."))
    return redirect("account_preferences")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and, for a player, in the account; return to the page."""
    code = request.POST.get("language", "")
    if isinstance(request.user, User) and code in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return set_language(request)
