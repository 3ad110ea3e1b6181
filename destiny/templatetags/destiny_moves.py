"""The actions of an item's page."""

from django import template

from destiny.door import OwnDestiny
from destiny.manifest.items import ItemDefinition
from destiny.models import Item
from destiny.moves.choices import Choices, choices_of

register = template.Library()


@register.simple_tag
def move_choices(item: Item, definition: ItemDefinition, own: OwnDestiny) -> Choices:
    """Return what the player can choose to do with the item."""
    return choices_of(item, definition, list(own.guardians))
