"""The values of a definition in HTML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from destiny.manifest.labels import table_label
from destiny.manifest.properties import Link, Section, Value, Values

Names = Mapping[tuple[str, str], str]


def shown(sections: Sequence[Section], names: Names) -> Iterator[dict[str, Any]]:
    """Yield the sections for the template. `names` are those of the definitions that exist."""
    yes, no = _("Yes"), _("No")

    def value_of(value: Value) -> SafeString | str:
        if isinstance(value, Link):
            return _link(value, names)
        if isinstance(value, bool):
            return yes if value else no
        return str(value)

    def cell(values: Values) -> SafeString:
        return format_html_join(", ", "{}", ((value_of(one),) for one in values))

    for one in sections:
        yield {
            "title": one.title,
            "properties": [(label, cell(values)) for label, values in one.properties],
            "columns": one.columns,
            "rows": [[cell(values) for values in row] for row in one.rows],
            "left_out": one.left_out,
        }


def _link(link: Link, names: Names) -> SafeString | str:
    if link not in names:
        return link.key
    text = names[link] or f"{table_label(link.table)} {link.key}"
    return format_html('<a href="{}">{}</a>', reverse("destiny:definition", args=link), text)
