"""A guild with its people, for those tests that need more than a sign-in."""

from tests.guilds.conftest import hall

__all__ = ["hall"]
