"""Errors of the embedded servers."""


class StartError(Exception):
    """Something did not start; the message is the line to show."""
