"""The filters of a timeline."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guilds.models import TimelineEvent, TimelineEventQuerySet


class TimelineForm(forms.Form):
    """Filters from the query string: a kind of event and part of a name. Invalid values are ignored."""

    q = forms.CharField(label=_("Name"), required=False)

    def __init__(self, data: Mapping[str, Any], *, is_member: bool) -> None:
        """Offer outsiders only the kinds that they can see."""
        super().__init__(data)
        self.is_member = is_member
        kinds = TimelineEvent.Kind if is_member else TimelineEvent.PUBLIC_KINDS
        self.fields["kind"] = forms.ChoiceField(
            label=_("What"),
            required=False,
            choices=[("", _("Everything")), *((kind.value, capfirst(str(kind.label))) for kind in kinds)],
        )
        self.full_clean()

    @property
    def is_filtered(self) -> bool:
        """Return whether any filter is set."""
        return bool(self.query())

    def filtered(self, events: TimelineEventQuerySet) -> TimelineEventQuerySet:
        """Return the matching events, latest first; the id breaks ties."""
        if not self.is_member:
            events = events.for_outsiders()
        if text := self.cleaned_data.get("q"):
            events = events.named(text, with_people=self.is_member)
        if kind := self.cleaned_data.get("kind"):
            events = events.filter(kind=kind)
        return events.order_by("-happened_at", "-created_at", "pk")

    def query(self) -> str:
        """Return the valid values as a query string, without empty ones."""
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})
