"""Content files in an S3-compatible object store: django-storages with bounds of memory and time.

Imported only if a bucket is configured: boto3 needs time and memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

PART = 8 * 2**20


class ObjectStore(S3Storage):
    """A bucket. What fails there is an OSError, as with files; it names the error and no address or key."""

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            # Servers of your own often have no host name for each bucket.
            "client_config": Config(
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
            ),
            # One part in memory at a time; what is read goes to a temporary file.
            "transfer_config": TransferConfig(use_threads=False, multipart_threshold=PART, multipart_chunksize=PART),
            "max_memory_size": PART,
        }

    def _save(self, name: str, content: Any) -> Any:
        with _os_errors():
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _os_errors():
            opened = super()._open(name, mode)
            # Fetches it now.
            _ = opened.file
            return opened

    def delete(self, name: str) -> None:
        with _os_errors():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _os_errors():
            return bool(super().exists(name))


@contextmanager
def _os_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise OSError(f"the object store answered {code or type(error).__name__}") from None
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"the object store can't be used: {type(error).__name__}") from None
