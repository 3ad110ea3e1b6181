"""Permissions for Destiny that a token can have."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from api.areas import Area

VIEW = "destiny.view"
AREA = Area(
    {VIEW: _("see your guardians, items and loadouts of Destiny 2")}, is_shown=lambda: bool(settings.DESTINY_ENABLED)
)
