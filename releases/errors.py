"""Errors of a release."""


class ReleaseError(Exception):
    """What keeps a release from being made, and what to do."""
