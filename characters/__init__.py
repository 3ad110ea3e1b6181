"""What a character is: characters, game data, and the pure rules about them."""
