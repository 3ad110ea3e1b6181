"""The client of Bungie's API for Destiny 2."""
