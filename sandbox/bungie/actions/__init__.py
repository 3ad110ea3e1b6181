"""Actions: what a person may do with items and loadouts, by the game's rules."""
