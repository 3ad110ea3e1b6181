"""Serving content files and icons. They need no key.

Files are built in threads, so that Battle.net answers in time meanwhile.
"""

import asyncio

from aiohttp import web

from sandbox.bungie.content import PREFIX, ContentFault
from sandbox.bungie.content_files import zipped
from sandbox.bungie.envelope import fault_response
from sandbox.bungie.state import Bungie
from sandbox.faults import Faults
from sandbox.pages import message_page
from sandbox.pictures import draw
from sandbox.responses import empty_response, html_response

_PICTURES = (f"{PREFIX}icons/", f"{PREFIX}screenshots/", "/img/")
_SIZE = 96


def serves(path: str) -> bool:
    """Return whether the path is one of a content file or picture."""
    return path.startswith((PREFIX, "/img/"))


async def respond(bungie: Bungie, faults: Faults, request: web.BaseRequest) -> web.StreamResponse:
    """Return the file or picture. Content files are counted; pictures are not."""
    if request.method not in ("GET", "HEAD"):
        return empty_response(405)
    if request.path.startswith(_PICTURES):
        picture = draw(request.path, _SIZE, _SIZE)
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "max-age=86400"})
    huge = bungie.content.huge_file(request.path)
    if huge is not None:
        bungie.stats.count_content(200)
        return web.FileResponse(huge)

    async def answer() -> web.Response:
        return await asyncio.to_thread(_file, bungie, request.path)

    response = await faults.apply(request.path, answer, error=fault_response)
    bungie.stats.count_content(response.status)
    return response


def _file(bungie: Bungie, path: str) -> web.Response:
    file = bungie.content.find(path)
    if file is None:
        return html_response(message_page("Not found", "There is no such page."), 404)
    fault = bungie.content.take_fault(file)
    if fault is not None:
        return _broken(bungie, path, fault)
    return _answer(path, bungie.content.read(path, file))


def _answer(path: str, body: bytes) -> web.Response:
    kind = "application/json" if path.endswith(".json") else "application/octet-stream"
    return web.Response(body=body, content_type=kind, headers={"Cache-Control": "max-age=86400"})


def _broken(bungie: Bungie, path: str, fault: ContentFault) -> web.Response:
    """Return what the CDN or an accident could make of the file."""
    file = bungie.content.find(path)
    if file is None or fault.name == "not_found":
        return html_response(message_page("Not found", "There is no such page."), 404)
    if fault.name == "html":
        return html_response(message_page("Bungie", "This is the front page."))
    if fault.name == "wrong_database":
        return _answer(path, zipped(path.rpartition("/")[2], b"This is no database. " * 1000))
    if fault.name == "missing_table":
        return _answer(path, bungie.content.read(path, file, without=fault.table))
    body = bungie.content.read(path, file)
    middle = len(body) // 2
    if fault.name == "truncated":
        return _answer(path, body[:middle])
    return _answer(
        path, body[:middle] + bytes(255 - byte for byte in body[middle : middle + 5000]) + body[middle + 5000 :]
    )
