"""Officer notes, for those who can read them."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from api.errors import ERRORS
from api.paging import Keyset, Page, Paging, next_address
from api.problem import Problem
from guilds.api.access import GuildPath, guild_request
from guilds.api.area import READ_NOTES
from guilds.models import OfficerNote

router = Router(tags=["notes"])
LATEST_FIRST = Keyset(("-created_at", "id"))


class Note(BaseModel):
    """An officer note, about a character or a player."""

    id: UUID
    character: UUID | None
    about: str = Field(description="The character's or the player's name.")
    text: str
    author: str | None
    written_at: datetime
    edited_at: datetime | None


@router.get("/{region}/{realm}/{guild}/notes", response={200: Page[Note], 304: None, ERRORS: Problem}, url_name="notes")
def notes(request: HttpRequest, path: Path[GuildPath], paging: Query[Paging]) -> Page[Note]:
    """List the officer notes, latest first."""
    guild = guild_request(request, path, READ_NOTES).guild
    found, cursor = LATEST_FIRST.page(guild.officer_notes.with_people(), paging)
    return Page(items=[note_item(one) for one in found], next=next_address(request, cursor))


def note_item(note: OfficerNote) -> Note:
    """Return a note as the API shows it; its people must be loaded."""
    return Note(
        id=note.pk,
        character=note.about_character_id,
        about=str(note.about_character or note.about_person),
        text=note.text,
        author=note.author.display_name if note.author else None,
        written_at=note.created_at,
        edited_at=note.edited_at,
    )
