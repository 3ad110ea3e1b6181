"""Mythic+ ratings; numbers and colors are roughly those of the game."""

from sandbox.documents.context import Json

_COLORS = ((2700, (255, 128, 0)), (2000, (163, 53, 238)), (1300, (0, 112, 221)), (600, (30, 255, 0)))
_DUNGEONS_IN_A_SEASON = 8


def season_rating(value: float) -> Json:
    """Return the rating of a season with its color."""
    red, green, blue = next((color for least, color in _COLORS if value >= least), (255, 255, 255))
    return {"color": {"r": red, "g": green, "b": blue, "a": 1.0}, "rating": round(value, 5)}


def dungeon_rating(value: float) -> Json:
    """Return the rating of a run or dungeon, in the color of a season with this rating in every dungeon."""
    color = season_rating(value * _DUNGEONS_IN_A_SEASON)["color"]
    return {"color": color, "rating": round(value, 5)}


def run_rating(level: int, *, is_timed: bool, salt: int) -> float:
    """Return the rating of a run: 320 for a timed level 10, more from level 12, less if untimed."""
    full = 170 + 15 * level + (15 if level >= 12 else 0)
    return (full + salt % 900 / 100) * (1 if is_timed else 0.92)
