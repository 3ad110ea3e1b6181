"""The items of a membership."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from destiny.models.accounts import DestinyMembership
from destiny.models.guardians import Guardian


class Item(TimestampedModel):
    """An item, or a stack of those that have no instance id. Its definition is in the manifest, by `item_hash`.

    `details` are of this one item, each only if it has any: `energy` [capacity, used], `stats` {hash: value}, `plugs`
    [hash of each socket, 0 for an empty one], `options` {socket: [hashes of the plugs it can have]}.
    """

    class Place(models.TextChoices):
        """Where it is: each is a part of Bungie's answer that can be private or missing of its own."""

        EQUIPPED = "equipped", _("equipped")
        CARRIED = "carried", _("carried")
        VAULT = "vault", _("vault")
        CURRENCY = "currency", _("currencies")

    class State(models.IntegerChoices):
        """The flags of `state`, with Bungie's numbers."""

        LOCKED = 1, _("locked")
        TRACKED = 2, _("tracked")
        MASTERWORK = 4, _("masterwork")
        CRAFTED = 8, _("crafted")

    membership = models.ForeignKey(DestinyMembership, on_delete=models.CASCADE, related_name="items", db_index=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="items")
    place = models.CharField(max_length=8, choices=Place)
    instance_id = models.BigIntegerField(null=True, blank=True)
    item_hash = models.BigIntegerField()
    bucket_hash = models.BigIntegerField(
        help_text=_("Where it lies, such as the vault or the postmaster; not the slot in which it is worn.")
    )
    quantity = models.PositiveIntegerField(default=1)
    state = models.IntegerField(default=0)
    transfer_status = models.IntegerField(default=0)
    is_lockable = models.BooleanField(default=False)
    power = models.PositiveSmallIntegerField(null=True, blank=True)
    damage_type = models.SmallIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict, db_default={}, blank=True)
    written_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When an action of ours last changed it. Bungie's answers show the old state for some seconds."),
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = (
            # The index also finds the items of a membership.
            models.UniqueConstraint(fields=("membership", "instance_id"), name="item_once_per_membership"),
            models.CheckConstraint(
                name="item_of_a_guardian_or_the_account",
                condition=Q(place__in=("equipped", "carried"), guardian__isnull=False)
                | Q(place__in=("vault", "currency"), guardian=None),
            ),
        )

    def __str__(self) -> str:
        return str(self.instance_id or self.item_hash)
