"""The slots of a loadout: buckets in which a guardian wears one item."""

from destiny.game import ARMOR, SUBCLASS, WEAPONS
from destiny.manifest.readers import Manifest

# In the order of the pages.
SLOTS = (SUBCLASS, *WEAPONS, *ARMOR)
BUCKETS = "DestinyInventoryBucketDefinition"


def slot_names(manifest: Manifest, buckets: tuple[int, ...] = SLOTS) -> dict[int, str]:
    """Return the names of buckets in the reader's language, in their order."""
    names = manifest.names(BUCKETS, buckets)
    return {one: names.get(one, str(one)) for one in buckets}
