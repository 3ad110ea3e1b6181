"""What people own: guardians, items and loadouts."""
