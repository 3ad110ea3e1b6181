"""The sandbox's world: realms, guilds, characters and personas."""
