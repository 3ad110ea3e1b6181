"""The sandbox's Bungie.net: sign-in, the Platform API of Destiny 2 and its content files."""
