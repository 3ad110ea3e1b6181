"""Shared parts of the site's APIs: tokens, authentication, errors, pages, limits. They know no guild and no game."""
