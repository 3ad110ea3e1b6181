"""A form field for multi-line text."""

from typing import Any

from django import forms


class MultilineField(forms.CharField):
    """Multi-line text. Browsers send two characters for a line end, but count one."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)
