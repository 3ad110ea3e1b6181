"""People's names, in the database."""

from django.db import models


def display_name(who: str) -> models.Func:
    """A BattleTag's number is shown to nobody, so nobody can search for it."""
    battletag = models.F(f"{who}__battletag")
    return models.Func(battletag, models.Value("#"), 1, function="split_part", output_field=models.CharField())
