"""What can be asked of a timeline: a kind of event, and a part of a name."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from guilds.models import TimelineEvent, TimelineEventQuerySet


class TimelineForm(forms.Form):
    """Filters of a timeline, from the query string. What makes no sense there is ignored."""

    q = forms.CharField(label=_("Name"), required=False)

    def __init__(self, data: Mapping[str, Any], *, is_member: bool) -> None:
        """Strangers can ask for no more than they are shown."""
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
        """Whether it asks for a part of the timeline only."""
        return bool(self.query())

    def chosen(self, events: TimelineEventQuerySet) -> TimelineEventQuerySet:
        """The events asked for, the latest first; the id decides what the times leave open."""
        if not self.is_member:
            events = events.for_strangers()
        if text := self.cleaned_data.get("q"):
            events = events.named(text, also_people=self.is_member)
        if kind := self.cleaned_data.get("kind"):
            events = events.filter(kind=kind)
        return events.order_by("-happened_at", "-created_at", "pk")

    def query(self) -> str:
        """What was understood, as a tidy query string: empty values are left out."""
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})
