"""Display names of players, in SQL."""

from django.db import models


def display_name(who: str) -> models.Func:
    """Return a player's BattleTag without its number, which is never shown and can't be searched for."""
    battletag = models.F(f"{who}__battletag")
    return models.Func(battletag, models.Value("#"), 1, function="split_part", output_field=models.CharField())
