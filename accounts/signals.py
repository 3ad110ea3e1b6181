"""The signal that somebody signed in."""

from django.dispatch import Signal

# Sent after the token was stored. Arguments: user, request.
signed_in = Signal()
