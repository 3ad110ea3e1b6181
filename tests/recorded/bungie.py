"""Bungie's recorded answers, and somebody whose jobs get them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from destiny.models import BungieAccount, DestinyMembership


def read(samples: Path, name: str) -> Any:
    """Return the recorded answer in the file with this name, without its envelope."""
    document = json.loads((samples / f"{name}.json").read_text(encoding="utf-8"))
    return document.get("Response", document) if isinstance(document, dict) else document


def harrow() -> DestinyMembership:
    """Create somebody with a connected Bungie account and one membership."""
    account = BungieAccount.objects.create(
        user=User.objects.create_user(None, "Harrow#0001"),
        bungie_id=20_000_101,
        access_token="access",
        refresh_token="refresh",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return DestinyMembership.objects.create(account=account, membership_type=3, membership_id=4611686018400000101)
