"""The timeline of a guild."""

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.person_field import optional_person
from accounts.timestamped import TimestampedModel
from characters.models import Character
from guilds.display_names import display_name
from guilds.models.guild import Guild


class TimelineEventQuerySet(models.QuerySet["TimelineEvent"]):
    """Reads of the timeline."""

    def visible_to(self, reader: User | AnonymousUser, guild: Guild) -> "TimelineEventQuerySet":
        """Return the guild's events that a reader can see.

        Everyone sees what the game shows; what people did on the site is for members, warnings are for officers.
        """
        return self.filter(guild=guild, kind__in=TimelineEvent.kinds_for(reader, guild))

    def named(self, text: str, *, with_people: bool) -> "TimelineEventQuerySet":
        """Return events about a character with `text` in its name, then or now.

        `with_people` also searches players: who did it, who it is about, and whose character it is now.
        """
        about = Q(character_name__icontains=text) | Q(character__name__icontains=text)
        if not with_people:
            return self.filter(about)
        called = {"actor_called": "actor", "person_called": "person", "owner_called": "character__user"}
        people = reduce(or_, (Q(**{f"{alias}__icontains": text}) for alias in called))
        return self.alias(**{alias: display_name(who) for alias, who in called.items()}).filter(about | people)


class TimelineEvent(TimestampedModel):
    """Something that happened to a guild or one of its members. Append-only."""

    class Kind(models.TextChoices):
        JOINED = "JOINED", _("joined")
        LEFT = "LEFT", _("left")
        PROMOTED = "PROMOTED", _("was promoted")
        DEMOTED = "DEMOTED", _("was demoted")
        RENAMED = "RENAMED", _("was renamed")
        TRANSFERRED = "TRANSFERRED", _("changed realm or faction")
        LINKED = "LINKED", _("was linked")
        RIGHTS_CHANGED = "RIGHTS_CHANGED", _("changed permissions")
        MAIN_CHOSEN = "MAIN_CHOSEN", _("was chosen as main")
        INFO_CHANGED = "INFO_CHANGED", _("changed the guild's information")
        GUILD_RENAMED = "GUILD_RENAMED", _("the guild was renamed")
        GUILD_MOVED = "GUILD_MOVED", _("the guild moved")
        GUILD_FACTION = "GUILD_FACTION", _("the guild changed faction")
        GUILD_DISBANDED = "GUILD_DISBANDED", _("the guild was disbanded")
        DATA_DELETED = "DATA_DELETED", _("deleted the guild's data")
        DATA_RESTORED = "DATA_RESTORED", _("restored the guild's data")
        FLAGGED_RETURN = "FLAGGED_RETURN", _('is back, although flagged "do not re-invite"')

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=16, choices=Kind)
    happened_at = models.DateTimeField()
    character = models.ForeignKey(Character, on_delete=models.SET_NULL, null=True, blank=True, related_name="timeline")
    character_name = models.CharField(max_length=64, blank=True, help_text=_("The name at that time."))
    person = optional_person(help_text=_("The player concerned: whose character it was, or whose permissions changed."))
    actor = optional_person(help_text=_("Who caused it; empty if Battle.net showed it."))
    details = models.JSONField(default=dict, blank=True, help_text=_("Before and after."))

    # Events of the guild as a whole.
    GUILD_KINDS = (Kind.GUILD_RENAMED, Kind.GUILD_MOVED, Kind.GUILD_FACTION, Kind.GUILD_DISBANDED)
    MEMBER_KINDS = (Kind.JOINED, Kind.LEFT, Kind.PROMOTED, Kind.DEMOTED, Kind.RENAMED, Kind.TRANSFERRED)
    PUBLIC_KINDS = (*MEMBER_KINDS, *GUILD_KINDS)
    # For those who manage the roster.
    OFFICERS_KINDS = (Kind.FLAGGED_RETURN,)

    objects = TimelineEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline event")
        verbose_name_plural = _("timeline events")
        ordering = ("-happened_at", "-created_at")
        indexes = (models.Index(fields=("guild", "-happened_at"), name="timeline_guild_time"),)

    def __str__(self) -> str:
        return f"{self.character_name} {self.get_kind_display()}"

    @classmethod
    def kinds_for(cls, reader: User | AnonymousUser, guild: Guild) -> tuple[Kind, ...]:
        """Return the kinds of the guild's events that a reader can see."""
        if reader.has_perm("guilds.manage_roster", guild):
            return tuple(cls.Kind)
        if reader.has_perm("guilds.view", guild):
            return tuple(kind for kind in cls.Kind if kind not in cls.OFFICERS_KINDS)
        return cls.PUBLIC_KINDS

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError("The timeline is append-only.")
        super().save(*args, **kwargs)


class TimelineFeed(TimestampedModel):
    """A private address at which a player reads a guild's timeline in a feed reader, without signing in.

    Only a hash of the address is stored, so nobody can read it from the database.
    """

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="timeline_feeds")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="timeline_feeds")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = _("timeline feed")
        verbose_name_plural = _("timeline feeds")
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=("guild", "person"), name="timeline_feed_once_per_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.guild_id}"
