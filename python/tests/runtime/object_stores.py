"""An object store for tests: moto's own server."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airfleet.runtime.context import Connection

_INSTALLED = Path(__file__).parents[3] / ".cache/engines/environments/moto/bin/moto_server"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def object_store() -> Iterator[Connection]:
    """A store that is empty, and how to sign in there."""
    port = _free_port()
    program = os.environ.get("AIRFLEET_TEST_MOTO", str(_INSTALLED))
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{url}/moto-api/", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield Connection(
            "aws", login="key", password="secret-key", extra={"endpoint_url": url, "region_name": "us-east-1"}
        )
    finally:
        process.terminate()
        process.wait()
