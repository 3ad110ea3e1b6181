"""The one signal of the project."""

from django.dispatch import Signal

# Sent after a person signed in and their token was stored. Arguments: user (accounts.User), request.
signed_in = Signal()
