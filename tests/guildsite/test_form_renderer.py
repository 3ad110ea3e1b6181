"""Widgets of forms are those of Django."""

import re
from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils import translation
from django.utils.safestring import mark_safe

from guildsite.form_renderer import FormRenderer

HOSTILE = "\"><script>alert(1)</script>&amp;'{{ x }}"
CHOICES = [("", "–"), ("a", HOSTILE), (5, 12345), ("b", mark_safe("<i>b</i>")), (HOSTILE, [("c", "C"), (7, "D")])]


def squeezed(html: str) -> str:
    """Remove the space between and at the ends of elements, which shows nowhere."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", html)


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(attrs={"maxlength": 64, "data-x": HOSTILE}), HOSTILE),
        (forms.TextInput(), None),
        (forms.TextInput(attrs={"required": True, "disabled": False}), ""),
        (forms.NumberInput(attrs={"min": 0}), 12345),
        (forms.DateInput(), date(2026, 11, 22)),
        (forms.HiddenInput(), HOSTILE),
        (forms.URLInput(), "https://guild.example/?a=1&b=2"),
        (forms.CheckboxInput(), True),
        (forms.CheckboxInput(), False),
        (forms.Textarea(attrs={"rows": 3}), f"\nfirst\n{HOSTILE}"),
        (forms.Textarea(), None),
        (forms.Select(choices=CHOICES), "a"),
        (forms.Select(choices=CHOICES, attrs={"class": "wide"}), 5),
        (forms.SelectMultiple(choices=CHOICES), ["a", "c"]),
        (forms.NullBooleanSelect(), True),
        (forms.RadioSelect(choices=CHOICES, attrs={"class": "choices"}), "b"),
        (forms.CheckboxSelectMultiple(choices=CHOICES), ["a", "7"]),
    ],
)
@pytest.mark.parametrize("attributes", [{"id": "id_field"}, {}])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_widgets_are_those_of_django(
    widget: forms.Widget, value: Any, attributes: dict[str, str], language: str
) -> None:
    with translation.override(language):
        ours, djangos = (widget.render("field", value, attributes, one) for one in (FormRenderer(), DjangoTemplates()))
    assert squeezed(ours) == squeezed(djangos)


def test_single_options_are_those_of_django() -> None:
    class Form(forms.Form):
        rank = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
        rights = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple)

    def options(renderer: DjangoTemplates) -> list[str]:
        form = Form({"rank": "a", "rights": ["b"]}, renderer=renderer)
        return [squeezed(one.tag(wrap)) for field in form for one in field.subwidgets for wrap in (True, False)]

    assert options(FormRenderer()) == options(DjangoTemplates())
