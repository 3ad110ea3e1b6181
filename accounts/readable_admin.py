"""Values in the admin as people read them: ids, times, and what is stored as JSON."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.freshness import age, age_in_words, exact_time

# The keys of stored JSON.
KEYS = {
    "after": gettext_lazy("after"),
    "before": gettext_lazy("before"),
    "choice": gettext_lazy("choice"),
    "days": gettext_lazy("days"),
    "description": gettext_lazy("about the guild"),
    "expires_at": gettext_lazy("expires"),
    "hours": gettext_lazy("hours"),
    "links": gettext_lazy("links"),
    "name": gettext_lazy("name"),
    "problem": gettext_lazy("problem"),
    "rank": gettext_lazy("rank"),
    "reason": gettext_lazy("reason"),
    "recruiting": gettext_lazy("recruiting"),
    "rights": gettext_lazy("permissions"),
    "set": gettext_lazy("permission set"),
    "visibility": gettext_lazy("who can see the guild"),
    "what": gettext_lazy("what changed"),
}
Words = Mapping[str, Any]
EMPTY = "–"


class ReadableAdmin(admin.ModelAdmin):
    """Shows ids as plain digits, times by age or exactly, and JSON as lists of names and values.

    Lists have the age of a time, with the exact one on hover; a row's page has both.
    """

    # The words of codes in JSON.
    value_words: ClassVar[Words] = {}

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._readable(super().get_list_display(request), _age)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = super().get_fields(request, obj)
        is_form = self.has_change_permission(request, obj)
        typed = set(names).difference(super().get_readonly_fields(request, obj)) if is_form else set()
        return [name if name in typed else self._readable([name], _exact)[0] for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._readable(super().get_readonly_fields(request, obj), _exact)

    def _readable(self, names: Any, show_time: Callable[[datetime], str]) -> list[Any]:
        fields = {field.name: field for field in self.model._meta.fields}
        return [self._shown(fields.get(name, name), show_time) for name in names]

    def _shown(self, field: Any, show_time: Callable[[datetime], str]) -> Any:
        """Return a column that shows the field's value, or the name of a field that Django shows well."""
        match field:
            case models.IntegerField() if field.name == "id" or field.name.endswith("_id"):
                return _column(field.name, str(field.verbose_name), str)
            case models.DateTimeField():
                return _column(field.name, str(field.verbose_name), show_time)
            case models.JSONField():
                return _column(field.name, str(field.verbose_name), self._in_html)
        return getattr(field, "name", field)

    def _in_html(self, value: Any) -> str:
        return in_html(value, self.value_words) or EMPTY


class ReadOnlyAdmin(ReadableAdmin):
    """Rows that Battle.net or the site itself writes, to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _age(moment: datetime) -> SafeString:
    return age(moment)


def _exact(moment: datetime) -> str:
    return f"{exact_time(moment)} ({age_in_words(moment)})"


# Cached, because Django compares the columns of a form.
@cache
def _column(name: str, label: str, show: Callable[[Any], Any]) -> Any:
    @admin.display(description=label, ordering=name)
    def column(row: Any) -> Any:
        value = getattr(row, name)
        return EMPTY if value is None else show(value)

    # Not the field's: its help describes how to type a value.
    column.__name__ = f"{name}_shown"
    return column


def in_html(value: Any, words: Words) -> SafeString:
    """Return JSON as HTML: objects as definition lists, arrays of texts separated by commas."""
    if isinstance(value, dict) and value.keys() == {"label", "url"}:
        return format_html("{label} ({url})", **value)
    if isinstance(value, dict):
        lines = ((capfirst(str(KEYS.get(key, key))), in_html(one, words)) for key, one in value.items())
        inner = format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
        return format_html('<dl class="values">{}</dl>', inner) if inner else SafeString("")
    if isinstance(value, list):
        separator = ", "
        return format_html_join(separator, "{}", ((in_html(one, words),) for one in value))
    return format_html("{}", _scalar(value, words))


def _scalar(value: Any, words: Words) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        moment = parse_datetime(value) if len(value) > 10 and value[:4].isdecimal() else None
        return exact_time(moment) if moment and moment.tzinfo else str(words.get(value, value))
    return str(localize(value))
