"""What every API of the site shares: tokens, authentication, errors, pages, limits. It knows no guild and no game."""
