"""Which pictures there are of things, and the addresses at which the sandbox serves them."""

from collections.abc import Callable

from sandbox.documents.context import Edition, Json

EMBLEMS, BORDERS = 196, 6


def picture(edition: Edition, path: str) -> str:
    """The address of a picture: "icons/56/spell-1"."""
    return f"{edition.base_url}/render/{path}.png"


def icon(kind: str) -> Callable[[Edition, int], Json]:
    """The media document of something with an icon."""

    def render(edition: Edition, number: int) -> Json:
        return {
            "_links": {"self": edition.static(f"media/{kind}/{number}")},
            "assets": [{"key": "icon", "value": picture(edition, f"icons/56/{kind}-{number}")}],
            "id": number,
        }

    return render


def instance(edition: Edition, number: int) -> Json:
    """The media document of a raid or dungeon. The real one has no id either."""
    return {
        "_links": {"self": edition.static(f"media/journal-instance/{number}")},
        "assets": [{"key": "tile", "value": picture(edition, f"zones/{number}-small")}],
    }


def creature(edition: Edition, number: int) -> Json:
    """The media document of what a creature looks like."""
    return {
        "_links": {"self": edition.static(f"media/creature-display/{number}")},
        "assets": [{"key": "zoom", "value": picture(edition, f"npcs/zoom/{number}")}],
        "id": number,
    }


def crest(part: str) -> Callable[[Edition, int], Json]:
    """The media document of an emblem or a border."""

    def render(edition: Edition, number: int) -> Json:
        return {
            "_links": {"self": edition.static(f"media/guild-crest/{part}/{number}")},
            "assets": [{"key": "image", "value": picture(edition, f"guild/tabards/{part}_{number:02}")}],
            "id": number,
        }

    return render


def crest_index(edition: Edition, world: object) -> Json:
    """All emblems and borders."""

    def parts(part: str, count: int) -> list[Json]:
        path = f"media/guild-crest/{part}"
        return [{"id": number, "media": edition.nameless(path, number)} for number in range(count)]

    return {
        "_links": {"self": edition.static("guild-crest/")},
        "emblems": parts("emblem", EMBLEMS),
        "borders": parts("border", BORDERS),
    }
