"""The invented world the sandbox tells of: realms, guilds, characters and the people who own them."""
