"""New tokens of Bungie: nobody needs any."""
