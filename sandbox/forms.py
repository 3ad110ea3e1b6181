"""Forms of the control page: each posts to one control."""

from collections.abc import Iterable
from html import escape


def form(title: str, control: str, fields: str, button: str) -> str:
    """Return a form with a button, in a frame with a title."""
    return (
        f'<form method="post" action="/_sandbox/{control}">\n<fieldset>\n<legend>{escape(title)}</legend>\n{fields}'
        f"<button>{escape(button)}</button>\n</fieldset>\n</form>\n"
    )


def select_field(label: str, name: str, choices: Iterable[tuple[str, str]], chosen: str = "") -> str:
    """Return a list to choose from, with values and their texts."""
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in choices
    )
    return f'<label>{escape(label)} <select name="{escape(name)}">{options}</select></label>\n'


def input_field(label: str, name: str, value: str = "") -> str:
    """Return a text field."""
    return f'<label>{escape(label)} <input name="{escape(name)}" value="{escape(value)}"></label>\n'


def hidden_field(name: str, value: str) -> str:
    """Return a hidden field."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'


def same(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return choices whose values are their texts."""
    return [(value, value) for value in values]
