"""Destiny 2: what is fetched from Bungie, when, and how it is applied."""
