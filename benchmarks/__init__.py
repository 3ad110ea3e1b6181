"""What the engine achieves, measured beside Blizzard's limits. Run by `make bench`; prints figures, judges nothing."""
