"""Pages of loadouts: the game's own and those built here."""
