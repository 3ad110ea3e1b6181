"""The HTTP server: one process, one event loop, one handler that dispatches by path."""

import asyncio
import signal

from aiohttp import web

from sandbox import api, control, oauth, pictures
from sandbox.bungie import cdn, platform
from sandbox.state import Sandbox

# Seconds. On shutdown, open requests are dropped.
_SHUTDOWN_TIMEOUT = 0.1


async def serve(sandbox: Sandbox) -> None:
    """Serve until SIGTERM or SIGINT; raise OSError if the address is not available."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith(control.PREFIX):
            return await control.respond(sandbox, request)
        if request.path.startswith(pictures.PREFIX):
            return await sandbox.faults.apply(request.path, lambda: pictures.respond(request))
        if platform.serves(request.path):
            return await platform.respond(sandbox.bungie, sandbox.faults, request)
        if cdn.serves(request.path):
            return await cdn.respond(sandbox.bungie, sandbox.faults, request)
        if oauth.serves(request.path):
            return await oauth.respond(sandbox, request)
        return await api.respond(sandbox, request)

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.ServerRunner(web.Server(handle, access_log=None), shutdown_timeout=_SHUTDOWN_TIMEOUT)
    await runner.setup()
    try:
        await _listen(sandbox, runner)
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(sandbox: Sandbox, runner: web.ServerRunner) -> None:
    options = sandbox.options
    await web.TCPSite(runner, options.host, options.port).start()
    port = runner.addresses[0][1]
    sandbox.base_url = f"http://{options.host}:{port}"
    guilds, characters = len(sandbox.world.guilds), len(sandbox.world.characters)
    print(
        f"sandbox: listening on {sandbox.base_url} (seed {options.seed}, {options.world} world, "
        f"{guilds} guilds, {characters} characters)",
        flush=True,
    )
