"""Media documents, and the URLs of the pictures."""

from collections.abc import Callable

from sandbox.documents.context import DocumentContext, Json

EMBLEMS, BORDERS = 196, 6


def picture(context: DocumentContext, path: str) -> str:
    """Return the URL of a picture such as "icons/56/spell-1"."""
    return f"{context.base_url}/render/{path}.png"


def icon(kind: str) -> Callable[[DocumentContext, int], Json]:
    """Return a renderer of the media of a kind with icons."""

    def render(context: DocumentContext, number: int) -> Json:
        return {
            "_links": {"self": context.static(f"media/{kind}/{number}")},
            "assets": [{"key": "icon", "value": picture(context, f"icons/56/{kind}-{number}")}],
            "id": number,
        }

    return render


def instance(context: DocumentContext, number: int) -> Json:
    """Render the media of a raid or dungeon. As at Battle.net, it has no id."""
    return {
        "_links": {"self": context.static(f"media/journal-instance/{number}")},
        "assets": [{"key": "tile", "value": picture(context, f"zones/{number}-small")}],
    }


def creature(context: DocumentContext, number: int) -> Json:
    return {
        "_links": {"self": context.static(f"media/creature-display/{number}")},
        "assets": [{"key": "zoom", "value": picture(context, f"npcs/zoom/{number}")}],
        "id": number,
    }


def crest(part: str) -> Callable[[DocumentContext, int], Json]:
    """Return a renderer of the media of an emblem or border."""

    def render(context: DocumentContext, number: int) -> Json:
        return {
            "_links": {"self": context.static(f"media/guild-crest/{part}/{number}")},
            "assets": [{"key": "image", "value": picture(context, f"guild/tabards/{part}_{number:02}")}],
            "id": number,
        }

    return render


def crest_index(context: DocumentContext, world: object) -> Json:

    def parts(part: str, count: int) -> list[Json]:
        path = f"media/guild-crest/{part}"
        return [{"id": number, "media": context.nameless(path, number)} for number in range(count)]

    return {
        "_links": {"self": context.static("guild-crest/")},
        "emblems": parts("emblem", EMBLEMS),
        "borders": parts("border", BORDERS),
    }
