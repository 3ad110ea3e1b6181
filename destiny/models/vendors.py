"""What vendors sell, the milestones of the week, what guardians have done, and what players wish for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.timestamped import TimestampedModel
from destiny.models.accounts import BungieAccount, DestinyMembership
from destiny.models.guardians import Guardian


class VendorStock(TimestampedModel):
    """What a vendor sells to a guardian; without one, what everybody sees without an account.

    `sales` are `{"index", "item", "quantity", "costs": [[hash, quantity]], "status", "augments", "failures", "until"}`
    in the order of the vendor's definition, "until" an ISO time or null; `sold` are their items' hashes. `categories`
    are `[index, [sale indexes]]`; `rank` is `[level, progress, needed for the next]`.
    """

    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="vendors"
    )
    vendor_hash = models.BigIntegerField()
    group_hash = models.BigIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("The place of the vendor in Bungie's groups."))
    is_enabled = models.BooleanField(default=True)
    can_purchase = models.BooleanField(default=True)
    refreshes_at = models.DateTimeField(null=True, blank=True, help_text=_("When it restocks; empty for never."))
    rank = models.JSONField(default=list, db_default=[], blank=True)
    sales = models.JSONField(default=list, db_default=[], blank=True)
    categories = models.JSONField(default=list, db_default=[], blank=True)
    sold = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        verbose_name = _("vendor's stock")
        verbose_name_plural = _("vendors' stock")
        ordering = ("position", "vendor_hash")
        constraints = (
            # The index also finds the vendors of a guardian, and those of everybody.
            models.UniqueConstraint(
                fields=("guardian", "vendor_hash"), name="vendor_once_per_guardian", nulls_distinct=False
            ),
        )

    def __str__(self) -> str:
        return str(self.vendor_hash)


class Milestone(TimestampedModel):
    """A milestone of this week, the same for everybody. `activities` are `[hash, [objective hashes]]`."""

    milestone_hash = models.BigIntegerField(unique=True)
    order = models.IntegerField(default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    activities = models.JSONField(default=list, db_default=[], blank=True)
    quests = models.JSONField(default=list, db_default=[], blank=True)
    vendors = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("order", "milestone_hash")

    def __str__(self) -> str:
        return str(self.milestone_hash)


class GuardianProgress(models.Model):
    """What a guardian has done this week.

    `milestones` has for each hash, as text, `{"objectives": [[hash, progress, needed, complete]], "rewards":
    [[category, entry, earned, redeemed]]}`.
    """

    guardian = models.OneToOneField(Guardian, on_delete=models.CASCADE, primary_key=True, related_name="progress")
    milestones = models.JSONField(default=dict, db_default={}, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("guardian's progress")
        verbose_name_plural = _("progress of guardians")

    def __str__(self) -> str:
        return str(self.guardian)


class Collection(models.Model):
    """Which collectibles a membership does not have yet, by their hashes."""

    membership = models.OneToOneField(
        DestinyMembership, on_delete=models.CASCADE, primary_key=True, related_name="collection"
    )
    missing = ArrayField(models.BigIntegerField(), default=list, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return str(self.membership)


class Wish(TimestampedModel):
    """An item that a player wants to buy."""

    account = models.ForeignKey(BungieAccount, on_delete=models.CASCADE, db_index=False, related_name="wishes")
    item_hash = models.BigIntegerField()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wish list")
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=("account", "item_hash"), name="wish_once_per_account"),)

    def __str__(self) -> str:
        return str(self.item_hash)


class DismissedNotice(TimestampedModel):
    """A notice that a vendor sells a wished item, which the player has read. It is not shown again until it restocks.

    `refreshes_at` is that of the stock; empty for a vendor that never restocks.
    """

    account = models.ForeignKey(
        BungieAccount, on_delete=models.CASCADE, db_index=False, related_name="dismissed_notices"
    )
    item_hash = models.BigIntegerField()
    vendor_hash = models.BigIntegerField()
    refreshes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("dismissed notice")
        verbose_name_plural = _("dismissed notices")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "item_hash", "vendor_hash", "refreshes_at"),
                name="notice_dismissed_once",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_hash} @ {self.vendor_hash}"
