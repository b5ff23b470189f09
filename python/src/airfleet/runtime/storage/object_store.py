"""Stores that speak the protocol of S3."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import StepError, StepRefused, needs_package
from ..network.policy import NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..context import Connection

_TRIES = 5
_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_REFUSED = frozenset({"400", "401", "403", "404", "AccessDenied", "InvalidAccessKeyId", "NoSuchBucket", "NoSuchKey"})


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`."""
    parts = urlsplit(uri, allow_fragments=False)
    return parts.netloc, uri[len(f"s3://{parts.netloc}/") :]


class ObjectStore:
    """Objects are there wholly or not at all: one request, or parts that are put together at the end."""

    def __init__(self, connection: Connection | None, allow: Sequence[str] | None) -> None:
        """`allow` as in `network.allow`; None for the store that the operator has chosen."""
        with needs_package("boto3", "s3"):
            import boto3  # noqa: PLC0415 - only pipelines that use it need it
            from botocore.config import Config  # noqa: PLC0415
        extra = dict(connection.extra) if connection else {}
        endpoint = extra.get("endpoint_url") or extra.get("endpoint") or _host_of(connection)
        config = Config(
            retries={"max_attempts": _TRIES, "mode": "standard"},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            s3={"addressing_style": "path"} if endpoint else {},
        )
        session = boto3.session.Session(
            aws_access_key_id=(connection.login if connection else None) or extra.get("aws_access_key_id"),
            aws_secret_access_key=(connection.password if connection else None) or extra.get("aws_secret_access_key"),
            aws_session_token=extra.get("aws_session_token"),
            region_name=extra.get("region_name") or extra.get("region") or ("us-east-1" if endpoint else None),
        )
        self._client: Any = session.client("s3", endpoint_url=endpoint, config=config)
        if allow is not None:
            policy = NetworkPolicy(allow)
            # Also a store that sends elsewhere is judged by where it sends to.
            self._client.meta.events.register("before-send.s3", lambda request, **_: _judge(policy, request.url))

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Copies an object into a file."""
        with _told(bucket, key):
            self._client.download_file(bucket, key, str(path))

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Copies a file into an object."""
        with _told(bucket, key):
            self._client.upload_file(str(path), bucket, key)

    def list(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Objects whose key begins like this, in the order of their keys."""
        with _told(bucket, prefix):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield from page.get("Contents", [])

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Removes objects."""
        with _told(bucket, keys[0]):
            for key in keys:
                self._client.delete_object(Bucket=bucket, Key=key)

    def close(self) -> None:
        """Ends its connections."""
        self._client.close()


def _host_of(connection: Connection | None) -> str | None:
    if connection is None or not connection.host:
        return None
    if "://" in connection.host:
        return connection.host
    return f"https://{connection.host}" + (f":{connection.port}" if connection.port else "")


def _judge(policy: NetworkPolicy, url: str) -> None:
    parts = urlsplit(url)
    policy.resolve(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


@contextlib.contextmanager
def _told(bucket: str, key: str) -> Iterator[None]:
    """What the store complains of, as the step's error."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415

    try:
        yield
    except NoCredentialsError as error:
        raise StepRefused(f"s3://{bucket}/{key}: the connection has no access key.") from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        kind = StepRefused if code in _REFUSED else StepError
        raise kind(f"s3://{bucket}/{key}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise StepError(f"s3://{bucket}/{key}: {error}") from error
