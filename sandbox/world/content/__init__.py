"""Game content besides realms, classes and races: raids, dungeons, items, talents. Names are invented."""
