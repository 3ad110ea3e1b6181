"""The addresses of static files, looked up once for each process."""

from functools import cached_property

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage; a page asks for the address of its icons hundreds of times."""

    @cached_property
    def _urls(self) -> dict[str | None, str]:
        return {}

    def url(self, name: str | None, force: bool = False) -> str:
        if force or name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]
