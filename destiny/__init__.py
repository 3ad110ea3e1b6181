"""Destiny 2: Bungie accounts and their data. Nothing of it shows unless `settings.DESTINY_ENABLED`."""
