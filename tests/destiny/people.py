"""Types of what the fixtures of these tests return."""

from collections.abc import Callable
from typing import Any

from destiny.models import BungieAccount, DestinyMembership
from sync.destiny.jobs import BungieJob

SignIn = Callable[..., Any]
Connected = Callable[[str], BungieAccount]
Run = Callable[[BungieAccount, str], BungieJob]
RunProfile = Callable[[DestinyMembership], BungieJob]
