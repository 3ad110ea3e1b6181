"""Belongings of people: guardians, items and loadouts."""
