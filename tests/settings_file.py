"""The settings of a process that starts with certain environment variables, without the process."""

import runpy
from typing import Any

import pytest
from django.conf import global_settings

from tests.battlenet import CHECKOUT


def read_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """Set these variables, run `guildsite/settings.py`, and return all settings, also Django's defaults."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return vars(global_settings) | runpy.run_path(str(CHECKOUT / "guildsite" / "settings.py"))
