"""Characters, game data, and the pure rules about them."""
