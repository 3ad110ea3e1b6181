"""Widgets of forms as Django renders them, without its templates, of which a select includes one for each option."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape

Widget = Mapping[str, Any]
FOLDER = "django/forms/widgets"


class FormRenderer(DjangoTemplates):
    """Renders the widgets below itself, and everything else as Django does."""

    def render(self, template_name: str, context: Any, request: HttpRequest | None = None) -> str:
        """Return the HTML of a widget, field or form, with the same elements, attributes and texts as Django's."""
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw is not None else super().render(template_name, context, request)


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    given = widget.get("value")
    value = "" if given is None else f' value="{escape(str(given))}"'
    return f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'


def _labeled_input(widget: Widget) -> str:
    if not widget.get("wrap_label"):
        return _input(widget)
    key = widget["attrs"].get("id")
    target = f' for="{escape(key)}"' if key else ""
    return f"<label{target}>{_input(widget)} {_shown(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    return (
        f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{_shown(widget["value"] or "")}</textarea>'
    )


def _select(widget: Widget) -> str:
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget)}>']
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(map(_option, options))
        parts.append(f'<optgroup label="{_shown(name)}">{drawn}</optgroup>' if name else drawn)
    return "".join([*parts, "</select>"])


def _option(widget: Widget) -> str:
    return f'<option value="{escape(str(widget["value"]))}"{_attributes(widget)}>{_shown(widget["label"])}</option>'


def _inputs(widget: Widget) -> str:
    given = {name: widget["attrs"][name] for name in ("id", "class") if widget["attrs"].get(name)}
    parts = [f"<div{_attributes({'attrs': given})}>"]
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(f"<div>{_labeled_input(option)}</div>" for option in options)
        parts.append(f"<div><label>{_shown(name)}</label>{drawn}</div>" if name else drawn)
    return "".join([*parts, "</div>"])


def _shown(text: object) -> str:
    """Return a text as a template shows it: safe HTML as it is, numbers in the reader's format."""
    return conditional_escape(str(localize(text)) if not isinstance(text, str) else text)


DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{FOLDER}/{name}.html": _input for name in ("input", "text", "number", "date", "hidden", "email", "url")},
    **{f"{FOLDER}/{name}.html": _input for name in ("checkbox", "search", "password", "time", "tel", "color")},
    **{f"{FOLDER}/{name}_option.html": _labeled_input for name in ("input", "checkbox", "radio")},
    **{f"{FOLDER}/{name}.html": _inputs for name in ("multiple_input", "checkbox_select", "radio")},
    f"{FOLDER}/select.html": _select,
    f"{FOLDER}/select_option.html": _option,
    f"{FOLDER}/textarea.html": _textarea,
}
