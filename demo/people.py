"""Personas who sign in, as the site itself would see them."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from accounts.services import get_or_create_user, store_token
from demo.world import SandboxWorld
from sync.blizzard.client import BlizzardClient
from sync.management.foreground import sync_account

TOKEN_LIFETIME = timedelta(hours=24)


def sign_in(world: SandboxWorld, client: BlizzardClient, persona: str) -> User:
    """Sign the persona in and fetch their characters now."""
    token = world.sign_in(persona)
    user = get_or_create_user(battlenet_id=token.battlenet_id, battletag=token.battletag)
    store_token(
        user=user,
        access_token=token.access_token,
        refresh_token=None,
        expires_at=timezone.now() + TOKEN_LIFETIME,
        scopes=token.scopes,
    )
    user.refresh_from_db()
    sync_account(client=client, user=user)
    return user
