"""The filters of a timeline."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from guilds.models import Guild, Membership, TimelineEvent
from guilds.timeline.models import TimelineEventQuerySet

# A kind of the filter, not of an event.
JOINED_OR_LEFT = "JOINED_OR_LEFT"
LATEST_FIRST = ("-happened_at", "-created_at", "pk")
PERIODS = (("", _("Any time")), ("week", _("This week")), ("month", _("This month")))


def beginning_of(period: str, today: date) -> date | None:
    """Return the first day of this "week", which begins on Monday, or of this "month"; None for anything else."""
    if period == "week":
        return first_day_of_week(today)
    return today.replace(day=1) if period == "month" else None


def first_day_of_week(today: date) -> date:
    """Return the Monday of this day's week."""
    return today - timedelta(days=today.weekday())


def midnight(day: date) -> datetime:
    """Return the beginning of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class DateInput(forms.DateInput):
    """A browser's own input for a date."""

    input_type = "date"

    def format_value(self, value: Any) -> str:
        return value.isoformat() if isinstance(value, date) else str(value or "")


class TimelineForm(forms.Form):
    """Filters from the query string: name, kind, dates, period, and a member whose player it is about.

    Invalid values are ignored. Only members can ask for a player.
    """

    q = forms.CharField(label=_("Name"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=DateInput)
    period = forms.ChoiceField(choices=PERIODS, required=False)
    player = forms.UUIDField(required=False)

    def __init__(self, data: Mapping[str, Any], *, guild: Guild, reader: User | AnonymousUser) -> None:
        super().__init__(data)
        self.guild, self.is_member = guild, reader.has_perm("guilds.view", guild)
        self.kinds = TimelineEvent.kinds_for(reader, guild)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What"),
            required=False,
            choices=[
                ("", _("Everything")),
                (JOINED_OR_LEFT, _("Joined or left")),
                *((kind.value, capfirst(str(kind.label))) for kind in self.kinds),
            ],
        )
        if not self.is_member:
            del self.fields["player"]
        self.full_clean()

    @property
    def is_filtered(self) -> bool:
        return bool(self.query())

    @property
    def chosen_period(self) -> str:
        return self.cleaned_data.get("period") or ""

    def filtered(self, events: TimelineEventQuerySet) -> TimelineEventQuerySet:
        """Return the matching events that the reader can see, latest first; the id breaks ties."""
        events = events.filter(kind__in=self.kinds)
        if text := self.cleaned_data.get("q"):
            events = events.named(text, with_people=self.is_member)
        if kind := self.cleaned_data.get("kind"):
            both = (TimelineEvent.Kind.JOINED, TimelineEvent.Kind.LEFT)
            events = events.filter(kind__in=both if kind == JOINED_OR_LEFT else (kind,))
        if self.cleaned_data.get("player"):
            events = events.filter(self._about_player())
        return events.filter(**self._dates()).order_by(*LATEST_FIRST)

    def query(self, **other: str) -> str:
        """Return the filters as a query string, some of them replaced."""
        given = {**self.cleaned_data, **other}
        return urlencode({name: value for name, value in given.items() if value})

    def periods(self) -> list[tuple[str, Any, bool]]:
        """Return the query, the label and whether it is chosen, of each period."""
        return [(self.query(period=value), label, value == self.chosen_period) for value, label in PERIODS]

    @cached_property
    def member(self) -> Membership | None:
        """The member whose player the events are about."""
        wanted: UUID | None = self.cleaned_data.get("player")
        if wanted is None:
            return None
        return self.guild.memberships.filter(character=wanted).select_related("character__user", "noted_main").first()

    def _about_player(self) -> Q:
        if self.member is None:
            return Q(character=self.cleaned_data["player"])
        person = self.member.character.user_id
        if person is not None:
            return Q(character__user=person) | Q(person=person) | Q(actor=person)
        main = self.member.noted_main_id or self.member.pk
        return Q(character__membership=main) | Q(character__membership__noted_main=main)

    def _dates(self) -> dict[str, datetime]:
        today = timezone.localdate()
        since: date | None = self.cleaned_data.get("since")
        until: date | None = self.cleaned_data.get("until")
        first = max(filter(None, (since, beginning_of(self.chosen_period, today))), default=None)
        dates = {"happened_at__gte": midnight(first)} if first else {}
        if until and until < date.max:
            dates["happened_at__lt"] = midnight(until + timedelta(days=1))
        return dates
