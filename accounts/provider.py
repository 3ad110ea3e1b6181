"""Our own provider, where allauth looks for it."""

from accounts.bungie import BungieProvider

provider_classes = [BungieProvider]
