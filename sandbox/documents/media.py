"""Which pictures there are of things, and the addresses at which the sandbox serves them."""

from collections.abc import Callable

from sandbox.documents.context import DocumentContext, Json

EMBLEMS, BORDERS = 196, 6


def picture(context: DocumentContext, path: str) -> str:
    """The address of a picture: "icons/56/spell-1"."""
    return f"{context.base_url}/render/{path}.png"


def icon(kind: str) -> Callable[[DocumentContext, int], Json]:
    """The media document of something with an icon."""

    def render(context: DocumentContext, number: int) -> Json:
        return {
            "_links": {"self": context.static(f"media/{kind}/{number}")},
            "assets": [{"key": "icon", "value": picture(context, f"icons/56/{kind}-{number}")}],
            "id": number,
        }

    return render


def instance(context: DocumentContext, number: int) -> Json:
    """The media document of a raid or dungeon. The real one has no id either."""
    return {
        "_links": {"self": context.static(f"media/journal-instance/{number}")},
        "assets": [{"key": "tile", "value": picture(context, f"zones/{number}-small")}],
    }


def creature(context: DocumentContext, number: int) -> Json:
    """The media document of what a creature looks like."""
    return {
        "_links": {"self": context.static(f"media/creature-display/{number}")},
        "assets": [{"key": "zoom", "value": picture(context, f"npcs/zoom/{number}")}],
        "id": number,
    }


def crest(part: str) -> Callable[[DocumentContext, int], Json]:
    """The media document of an emblem or a border."""

    def render(context: DocumentContext, number: int) -> Json:
        return {
            "_links": {"self": context.static(f"media/guild-crest/{part}/{number}")},
            "assets": [{"key": "image", "value": picture(context, f"guild/tabards/{part}_{number:02}")}],
            "id": number,
        }

    return render


def crest_index(context: DocumentContext, world: object) -> Json:
    """All emblems and borders."""

    def parts(part: str, count: int) -> list[Json]:
        path = f"media/guild-crest/{part}"
        return [{"id": number, "media": context.nameless(path, number)} for number in range(count)]

    return {
        "_links": {"self": context.static("guild-crest/")},
        "emblems": parts("emblem", EMBLEMS),
        "borders": parts("border", BORDERS),
    }
