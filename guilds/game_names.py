"""Names as the game's chat commands take them."""

LEFT_OUT = str.maketrans("", "", " -")


def game_name(name: str, realm: str, *, is_home: bool) -> str:
    """Return Name, or Name-Realm for another realm than the guild's, without the spaces and hyphens of realms."""
    return name if is_home else f"{name}-{realm.translate(LEFT_OUT)}"
