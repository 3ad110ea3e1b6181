"""The API's actions of the sync for site admins."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel

from accounts.models import User
from api.authentication import Session
from api.errors import ERRORS
from api.problem import Problem
from sync.destiny.manifest.kind import request_manifest

router = Router(tags=["manifest"])


class Requested(BaseModel):
    """The work is queued."""

    state: str = "queued"


# With a session only: a token can change nothing.
@router.post("/sync", response={202: Requested, ERRORS: Problem}, auth=Session(), url_name="manifest_sync")
def sync(request: HttpRequest) -> Status[Requested]:
    """Look for a new edition of the manifest now. For site admins."""
    if not cast(User, request.user).is_superuser:
        raise PermissionDenied
    request_manifest()
    return Status(202, Requested())
