"""Guilds, who stands in them, and what happened there."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.records import Record
from characters.models import Character, Faction, Realm, Region
from guilds.links import Link, check_links, links_of

GUILD_MASTER_RANK = 0
LOWEST_RANK = 9
LONGEST_GRACE_HOURS = 72
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How long the deletion of a guild's data can be undone.
KEPT_AFTER_DELETION = timedelta(days=7)


class Visibility(models.TextChoices):
    """Who may see a guild's pages."""

    MEMBERS = "MEMBERS", _("Members only")
    EVERYBODY = "EVERYBODY", _("Everybody")


class GuildQuerySet(models.QuerySet["Guild"]):
    """The reads of guilds."""

    def open(self) -> "GuildQuerySet":
        """Those whose data nobody has deleted."""
        return self.filter(deleted_at=None)

    def of(self, user: User) -> "GuildQuerySet":
        """The guilds in which at least one of this person's characters stands."""
        return self.open().filter(memberships__character__user=user).distinct()

    def restorable(self) -> "GuildQuerySet":
        """Those whose data was deleted and can still be brought back."""
        return self.filter(purged_at=None, deleted_at__gt=timezone.now() - KEPT_AFTER_DELETION)

    def to_purge(self) -> "GuildQuerySet":
        """Those whose data was deleted so long ago that it goes for good."""
        return self.filter(purged_at=None, deleted_at__lte=timezone.now() - KEPT_AFTER_DELETION)

    def at(self, region: str, realm_slug: str, slug: str) -> "GuildQuerySet":
        """The one guild with this address, or none. One whose data was deleted is still found."""
        return self.filter(region=region, realm__slug=realm_slug, slug=slug)


class Guild(Record):
    """A guild as Battle.net last showed it, with what its officers say about it."""

    blizzard_id = models.BigIntegerField(_("Blizzard id"))
    name = models.CharField(max_length=64)
    slug = models.CharField(max_length=64, help_text=_("As Battle.net's addresses have it."))
    region = models.CharField(max_length=2, choices=Region)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="guilds")
    faction = models.CharField(max_length=8, choices=Faction, blank=True)
    crest = models.JSONField(default=dict, blank=True)
    member_count = models.PositiveIntegerField(null=True, blank=True)
    achievement_points = models.PositiveIntegerField(null=True, blank=True)
    founded_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    recruiting = models.TextField(blank=True, help_text=_("Whom the guild looks for, and how to apply."))
    links = models.JSONField(
        default=list, blank=True, validators=(check_links,), help_text=_('A list of {"label": …, "url": …}.')
    )
    visibility = models.CharField(max_length=9, choices=Visibility, default=Visibility.MEMBERS)
    grace_hours = models.PositiveSmallIntegerField(
        default=0, help_text=_("How long a person whose last character left may still read the guild's pages.")
    )
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody deleted the guild's data. It is hidden, then gone.")
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the deleted data went for good. What is left keeps the sync away.")
    )
    doubted_roster = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("Digest of a roster that is not believed at once, or since when there is none."),
    )
    disbanded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync learnt for sure that the guild is no more.")
    )
    last_modified = models.DateTimeField(null=True, blank=True, help_text=_("Battle.net's own time of the roster."))
    last_synced_at = models.DateTimeField(null=True, blank=True, help_text=_("When the roster was last confirmed."))

    objects = GuildQuerySet.as_manager()

    class Meta:
        verbose_name = _("guild")
        verbose_name_plural = _("guilds")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("region", "realm", "slug"), name="guild_slug_once_per_realm"),
            models.CheckConstraint(condition=Q(region__in=Region.values), name="guild_region_known"),
            models.CheckConstraint(condition=Q(grace_hours__lte=LONGEST_GRACE_HOURS), name="guild_grace_bounded"),
        )
        indexes = (models.Index(fields=("region", "blizzard_id"), name="guild_blizzard_id"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The guild's overview."""
        return reverse("guilds:overview", args=(self.region, self.realm.slug, self.slug))

    @property
    def shown_links(self) -> list[Link]:
        """The links as a page may show them."""
        return links_of(self.links)

    @property
    def purge_due_at(self) -> datetime | None:
        """When deleted data goes for good; None while nobody deleted it."""
        return self.deleted_at and self.deleted_at + KEPT_AFTER_DELETION


class MembershipQuerySet(models.QuerySet["Membership"]):
    """The reads of memberships."""

    def with_characters(self) -> "MembershipQuerySet":
        """All that a roster line shows, in one statement."""
        return self.select_related(
            "character__realm",
            "character__playable_class",
            "character__playable_race",
            "character__active_spec",
            "character__ledger",
        )

    def named(self, text: str) -> "MembershipQuerySet":
        """Whose character's name holds `text`, whatever its case."""
        return self.filter(character__name__icontains=text)

    def best_rank(self, user: User, guild: Guild) -> int | None:
        """The best (lowest) rank among the person's characters in the guild; None for an outsider."""
        rank: int | None = self.filter(guild=guild, character__user=user).aggregate(best=models.Min("rank"))["best"]
        return rank


class Membership(Record):
    """A character's place in a guild. A character stands in one guild at most."""

    class MainChoice(models.TextChoices):
        """Whose word made a character the main; it holds while the character is that person's and in the guild."""

        OWN = "OWN", _("the person's own choice")
        OFFICER = "OFFICER", _("an officer's choice")

    character = models.OneToOneField(Character, on_delete=models.CASCADE, related_name="membership")
    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="memberships")
    rank = models.PositiveSmallIntegerField(help_text=_("0 is the guild master."))
    main_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mains",
        help_text=_("The person whose main in this guild the character is."),
    )
    main_choice = models.CharField(
        max_length=7, choices=MainChoice, blank=True, help_text=_("Who made it the main; empty when the rule did.")
    )
    main_chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Named by the design; derived, so that it can never disagree with `main_of`.
    is_main = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(main_of__isnull=False), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    noted_main = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="noted_alts",
        help_text=_("The member whose alt this is, as an officer says. Shown only; it gives no right."),
    )
    joined_seen_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a sync saw them join; empty for those of the first roster.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("rank", "character__name")
        constraints = (
            models.CheckConstraint(condition=Q(rank__gte=GUILD_MASTER_RANK), name="membership_rank_not_negative"),
            models.UniqueConstraint(fields=("guild", "main_of"), name="membership_one_main_per_person"),
        )
        indexes = (models.Index(fields=("guild", "rank"), name="membership_guild_rank"),)

    def __str__(self) -> str:
        return f"{self.character_id} in {self.guild_id}"

    @property
    def is_chosen_main(self) -> bool:
        """Whether somebody chose it for the person who has the character now."""
        return bool(self.main_choice) and self.main_of_id is not None and self.main_of_id == self.character.user_id


def _display_name(who: str) -> models.Func:
    """A BattleTag's number is shown to nobody, so nobody can search for it."""
    battletag = models.F(f"{who}__battletag")
    return models.Func(battletag, models.Value("#"), 1, function="split_part", output_field=models.CharField())


class TimelineEventQuerySet(models.QuerySet["TimelineEvent"]):
    """The reads of the timeline."""

    def for_strangers(self) -> "TimelineEventQuerySet":
        """What the game shows to everybody. Who did what on the site is no business of strangers."""
        return self.filter(kind__in=TimelineEvent.PUBLIC_KINDS)

    def named(self, text: str, *, also_people: bool) -> "TimelineEventQuerySet":
        """About a character whose name held or holds `text`, or, if asked, done by or to a person who is called so."""
        about = Q(character_name__icontains=text) | Q(character__name__icontains=text)
        if not also_people:
            return self.filter(about)
        called = {f"{who}_called": _display_name(who) for who in ("actor", "person")}
        return self.alias(**called).filter(about | Q(actor_called__icontains=text) | Q(person_called__icontains=text))

    def with_people(self) -> "TimelineEventQuerySet":
        """All that a line of the timeline shows, in one statement."""
        return self.select_related("actor", "person", "character")


class TimelineEvent(Record):
    """Something that happened to a guild or to one of its members. Never changed, never deleted by itself."""

    class Kind(models.TextChoices):
        """What happened."""

        JOINED = "JOINED", _("joined")
        LEFT = "LEFT", _("left")
        PROMOTED = "PROMOTED", _("was promoted")
        DEMOTED = "DEMOTED", _("was demoted")
        RENAMED = "RENAMED", _("was renamed")
        TRANSFERRED = "TRANSFERRED", _("changed realm or faction")
        LINKED = "LINKED", _("was linked to a person")
        RIGHTS_CHANGED = "RIGHTS_CHANGED", _("changed rights")
        MAIN_CHOSEN = "MAIN_CHOSEN", _("was chosen as main")
        INFO_CHANGED = "INFO_CHANGED", _("changed the guild's page")
        GUILD_RENAMED = "GUILD_RENAMED", _("the guild was renamed")
        GUILD_MOVED = "GUILD_MOVED", _("the guild moved")
        GUILD_FACTION = "GUILD_FACTION", _("the guild changed faction")
        GUILD_DISBANDED = "GUILD_DISBANDED", _("the guild was disbanded")
        DATA_DELETED = "DATA_DELETED", _("deleted the guild's data")
        DATA_RESTORED = "DATA_RESTORED", _("restored the guild's data")

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=16, choices=Kind)
    happened_at = models.DateTimeField()
    character = models.ForeignKey(Character, on_delete=models.SET_NULL, null=True, blank=True, related_name="timeline")
    character_name = models.CharField(max_length=64, blank=True, help_text=_("As it was then."))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The person concerned: whose character it was then, or whose rights changed."),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The person who caused it; empty when the roster did."),
    )
    details = models.JSONField(default=dict, blank=True, help_text=_("Before and after."))

    # What befell the guild as a whole.
    GUILD_KINDS = (Kind.GUILD_RENAMED, Kind.GUILD_MOVED, Kind.GUILD_FACTION, Kind.GUILD_DISBANDED)
    MEMBER_KINDS = (Kind.JOINED, Kind.LEFT, Kind.PROMOTED, Kind.DEMOTED, Kind.RENAMED, Kind.TRANSFERRED)
    PUBLIC_KINDS = (*MEMBER_KINDS, *GUILD_KINDS)

    objects = TimelineEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline event")
        verbose_name_plural = _("timeline events")
        ordering = ("-happened_at", "-created_at")
        indexes = (models.Index(fields=("guild", "-happened_at"), name="timeline_guild_time"),)

    def __str__(self) -> str:
        return f"{self.character_name} {self.get_kind_display()}"

    @property
    def is_of_guild(self) -> bool:
        """Whether it befell the guild as a whole."""
        return self.kind in self.GUILD_KINDS

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds the event; raises ValidationError for one that is already there."""
        if not self._state.adding:
            raise ValidationError("The timeline is append-only.")
        super().save(*args, **kwargs)


class OfficerNoteQuerySet(models.QuerySet["OfficerNote"]):
    """The reads of notes."""

    def with_people(self) -> "OfficerNoteQuerySet":
        """All that a note's lines show, in one statement."""
        return self.select_related("about_character__membership", "about_person", "author", "edited_by")

    def holding(self, text: str) -> "OfficerNoteQuerySet":
        """Those with `text` in them, or about a character or a person who is called so."""
        called = _display_name("about_person")
        about = Q(about_character__name__icontains=text) | Q(person_called__icontains=text)
        return self.alias(person_called=called).filter(Q(text__icontains=text) | about)


class OfficerNote(Record):
    """What an officer wrote down about a person or a character, for officers only."""

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="officer_notes")
    about_character = models.ForeignKey(
        Character, on_delete=models.CASCADE, null=True, blank=True, related_name="officer_notes"
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notes_about"
    )
    text = models.TextField(max_length=4000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes_written"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = OfficerNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("officer note")
        verbose_name_plural = _("officer notes")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(about_character__isnull=False) ^ Q(about_person__isnull=False),
                name="officer_note_has_one_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.about_character or self.about_person}"


class PlannedChangeQuerySet(models.QuerySet["PlannedChange"]):
    """The reads of plans."""

    def open(self) -> "PlannedChangeQuerySet":
        """What is still to be done in the game."""
        return self.filter(state="OPEN")

    def settled(self, now: datetime) -> "PlannedChangeQuerySet":
        """What was done, lapsed or was withdrawn; also what nobody has ticked off since its time was up."""
        done = ~Q(state="OPEN") | Q(lapses_at__lte=now)
        return self.filter(done).order_by(models.F("settled_at").desc(nulls_first=True), "pk")

    def chosen(self, ids: Iterable[str]) -> "PlannedChangeQuerySet":
        """Those with these ids, as a form sends them; what is no id is ignored."""
        return self.filter(pk__in=[UUID(one) for one in ids if _UUID.fullmatch(one)])

    def with_people(self) -> "PlannedChangeQuerySet":
        """All that a line of the plan shows, in one statement."""
        return self.select_related("character__realm", "character__membership", "planned_by")


class PlannedChange(Record):
    """Something to be done in the game: Battle.net only reads. A later roster shows whether it was."""

    class Kind(models.TextChoices):
        """What is to be done."""

        PROMOTE = "PROMOTE", _("promote")
        DEMOTE = "DEMOTE", _("demote")
        REMOVE = "REMOVE", _("remove")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "OPEN", _("to be done")
        DONE = "DONE", _("done")
        LAPSED = "LAPSED", _("lapsed")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    guild = models.ForeignKey(Guild, on_delete=models.CASCADE, related_name="planned_changes")
    character = models.ForeignKey(Character, on_delete=models.CASCADE, related_name="planned_changes")
    kind = models.CharField(max_length=7, choices=Kind)
    from_rank = models.PositiveSmallIntegerField()
    to_rank = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Empty for a removal."))
    reason = models.CharField(max_length=300, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    lapses_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = PlannedChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned change")
        verbose_name_plural = _("planned changes")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("guild", "character"), condition=Q(state="OPEN"), name="planned_change_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind="REMOVE", to_rank=None)
                | Q(kind="PROMOTE", to_rank__lt=models.F("from_rank"))
                | Q(kind="DEMOTE", to_rank__gt=models.F("from_rank")),
                name="planned_change_goes_its_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.character}"

    @property
    def has_lapsed(self) -> bool:
        """Whether nobody did it in time, noticed or not."""
        return self.state == self.State.LAPSED or (self.state == self.State.OPEN and self.lapses_at <= timezone.now())

    @property
    def command(self) -> str:
        """What to type in the game: /gremove Name-Realm. A promotion or demotion goes by one rank a time."""
        command = {"PROMOTE": "/gpromote", "DEMOTE": "/gdemote", "REMOVE": "/gremove"}[self.kind]
        name, realm = self.character.name, self.character.realm
        return f"{command} {name}" if realm.pk == self.guild.realm_id else f"{command} {name}-{realm.name}"
