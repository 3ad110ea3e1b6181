"""Valid values that take a request past the first checks: ids that exist, valid forms, names of parameters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import ForeignKey, Model
from django.urls import reverse

from tests.access.rows import ROWS, arguments
from tests.access.test_access import known_of
from tests.access.test_admin_access import GUILDS_ROWS, address
from tests.access.two_guilds import TwoGuilds
from tests.generated.hostile import words

PEOPLE = (
    "not signed in",
    "outsider",
    "member (view alone)",
    "officer: manage_ranks alone",
    "guild master",
    "site admin",
)
FIELD = re.compile(r'name="([^"<>]+)"')
LOOKUPS = (
    "",
    *words("""
        __exact __iexact __in __isnull __isempty __gt __gte __lt __lte __range __year __month __day __date __week_day
        __contains __icontains __startswith __regex __iregex __pk __id __id__exact __name __nowhere __0
        __transform__exact __has_key __
    """),
)
ADMIN_PARAMETERS = words("q p o all e _popup _to_field _facets _changelist_filters _source_model")
PARAMETERS = words("""
    q page sort role class rank kind next copy still state code error process scope auth_params region term app_label
    model_name field_name edit confirm x
""")


@dataclass(frozen=True)
class Known:
    """Valid values, in the same order in every run."""

    # By the name of a place in addresses.
    values: Mapping[str, tuple[str, ...]]
    # By route, or by `app_label_model` in the admin.
    forms: Mapping[str, Mapping[str, Any]]
    fields: tuple[str, ...]
    lookups: Mapping[str, tuple[str, ...]]
    # By person; "" for the visitor.
    sessions: Mapping[str, str]

    def all_values(self) -> tuple[str, ...]:
        """Return the values of all places."""
        return tuple(dict.fromkeys(value for values in self.values.values() for value in values))


def known_of_guilds(two_guilds: TwoGuilds) -> Known:
    """Collect the values from the database and from the pages."""
    return Known(
        values=_values(two_guilds),
        forms=_forms(two_guilds),
        fields=tuple(sorted(set(_fields(two_guilds)))),
        lookups={_label(model): tuple(_lookups(model)) for model in admin.site._registry},
        sessions={
            who: getattr(two_guilds.browsers[who].cookies.get(settings.SESSION_COOKIE_NAME), "value", "")
            for who in PEOPLE
        },
    )


def _values(two_guilds: TwoGuilds) -> dict[str, tuple[str, ...]]:
    both = [arguments(guild, two_guilds.rows[guild]) for guild in (two_guilds.guild, two_guilds.other)]
    values = {name: tuple(str(one[name]) for one in both) for name in both[0]}
    values["object_id"] = tuple(
        str(some.pk) for model in admin.site._registry if (some := model._default_manager.order_by("pk").first())
    )
    values["app_label"] = tuple(sorted({model._meta.app_label for model in admin.site._registry}))
    values["model_name"] = tuple(sorted(str(model._meta.model_name) for model in admin.site._registry))
    keys = {
        one.name for model in admin.site._registry for one in model._meta.get_fields() if isinstance(one, ForeignKey)
    }
    values["field_name"] = tuple(sorted(keys))
    return values


def _forms(two_guilds: TwoGuilds) -> dict[str, Mapping[str, Any]]:
    forms: dict[str, Mapping[str, Any]] = {}
    for name, rows in ROWS.items():
        for row in rows:
            if row.changes:
                forms[name] = row.data(two_guilds)
    for model, access in GUILDS_ROWS.items():
        thing = two_guilds.rows[two_guilds.guild][access.row]
        chosen = {"action": access.action, "_selected_action": str(thing.pk), "post": "yes", "select_across": "0"}
        forms[_label(model)] = chosen if access.action else {"post": "yes"}
    return forms


def _fields(two_guilds: TwoGuilds) -> Iterator[str]:
    """Return the names of all form fields on the pages of the guild master and of a site admin."""
    places = arguments(two_guilds.guild, two_guilds.rows[two_guilds.guild])
    pages = [reverse(name, kwargs=known_of(name, places)) for name in ROWS]
    for model in admin.site._registry:
        some = model._default_manager.order_by("pk").first()
        pages += [address(model, "changelist"), *([address(model, "change", some.pk)] if some else [])]
    for who in ("guild master", "site admin"):
        for page in pages:
            yield from FIELD.findall(two_guilds.browsers[who].get(page).content.decode())


def _lookups(model: type[Model]) -> Iterator[str]:
    for one in model._meta.get_fields():
        yield from (one.name + lookup for lookup in LOOKUPS)
        if one.related_model and not isinstance(one.related_model, str):
            yield from (f"{one.name}__{theirs.name}" for theirs in one.related_model._meta.get_fields())


def _label(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"
