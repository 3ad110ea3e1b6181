"""What can go wrong."""


class StartError(Exception):
    """Something did not start; the message is the one line that a person reads."""
