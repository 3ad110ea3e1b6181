"""What there is in the game besides realms, classes and races: raids, dungeons, items, talents. Names are invented."""
