"""A guild's timeline, and its filters."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.vary import vary_on_headers

from guilds.access import PublicGuildRequest, guild_page
from guilds.models import TimelineEvent
from guilds.paging import page_or_fragment, paging
from guilds.ranks import rank_names
from guilds.timeline.models import TimelineEventQuerySet

EVENTS_PER_PAGE = 50


class TimelineForm(forms.Form):
    """Filters from the query string: a kind of event and part of a name. Invalid values are ignored."""

    q = forms.CharField(label=_("Name"), required=False)

    def __init__(self, data: Mapping[str, Any], *, is_member: bool) -> None:
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
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})


@vary_on_headers("HX-Request")
@guild_page("guilds.view", public=True)
def timeline(request: PublicGuildRequest) -> HttpResponse:
    """List the events, latest first, fifty a page, filtered by the query string."""
    guild = request.guild
    is_member = request.user.has_perm("guilds.view", guild)
    form = TimelineForm(request.GET, is_member=is_member)
    pages = paging(request, form.filtered(guild.timeline.with_people()), EVENTS_PER_PAGE, form.query())
    context = {
        "guild": guild,
        "ranks": rank_names(guild),
        "form": form,
        **pages,
        "days": by_day(pages["page"].object_list),
        "is_member": is_member,
    }
    return page_or_fragment(request, "guilds/timeline.html", "events", context, form.query())


def by_day(events: Iterable[TimelineEvent]) -> list[tuple[date, list[TimelineEvent]]]:
    """Group the events by day, in the order in which they come."""
    return [(day, list(of_day)) for day, of_day in groupby(events, key=lambda one: timezone.localdate(one.happened_at))]
