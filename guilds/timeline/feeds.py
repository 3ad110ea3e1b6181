"""A player's feed of a guild's timeline: its private address, and what it shows."""

import hashlib
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import feedgenerator
from django.utils.translation import gettext as _

from accounts.models import User
from guilds.models import Guild, TimelineFeed
from guilds.ranks import rank_names
from guilds.timeline.sentences import plain_sentence
from guilds.timeline.shown import ShownEvent

TOKEN_BYTES = 32
VIEW = "guilds.view"


def renew_feed(*, guild: Guild, person: User) -> str:
    """Give the player a new feed of the guild, and return its token; an earlier address stops working."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        guild.timeline_feeds.filter(person=person).delete()
        TimelineFeed.objects.create(guild=guild, person=person, token_hash=hash_of(token))
    return token


def end_feed(*, guild: Guild, person: User) -> None:
    """Delete the player's feed of the guild."""
    guild.timeline_feeds.filter(person=person).delete()


def hash_of(token: str) -> str:
    """Return what is stored of a token. It is random and long, so it needs neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def readable_feed(token: str) -> TimelineFeed | None:
    """Return the feed with this token, if its player can view the guild now."""
    feeds = TimelineFeed.objects.select_related("guild__realm", "person")
    feed = feeds.filter(token_hash=hash_of(token)).first()
    return feed if feed is not None and _can_read(feed) else None


def forget_feeds() -> int:
    """Delete the feeds of players who can no longer view the guild; return how many.

    Otherwise an address that was passed on would work again after they return.
    """
    feeds = TimelineFeed.objects.select_related("guild", "person")
    lost = [feed.pk for feed in feeds if not _can_read(feed)]
    return TimelineFeed.objects.filter(pk__in=lost).delete()[0]


def atom(request: HttpRequest, guild: Guild, events: Iterable[ShownEvent]) -> str:
    """Return the events as an Atom feed; its links need a sign-in."""
    page = request.build_absolute_uri(reverse("guilds:timeline", args=(guild,)))
    ranks = rank_names(guild)
    feed = feedgenerator.Atom1Feed(
        title=_("Timeline of %(guild)s") % {"guild": guild.name}, link=page, description="", feed_guid=guild.pk.urn
    )
    for event in events:
        feed.add_item(
            title=plain_sentence(event, ranks),
            link=page,
            description="",
            unique_id=event.id.urn,
            pubdate=event.happened_at,
            updateddate=event.happened_at,
        )
    return feed.writeString("utf-8")


def _can_read(feed: TimelineFeed) -> bool:
    return feed.guild.deleted_at is None and feed.person.has_perm(VIEW, feed.guild)
