"""The example runs with the wheel as it is built, not with the sources beside it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.processes import ROOT, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.processes import RunningAirfleet

EXAMPLE = ROOT / "examples/django"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT / "python", check=True, capture_output=True)
    [file] = folder.glob("airfleet-*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_wheel_holds_what_the_app_needs(wheel: Path) -> None:
    files = {str(file.relative_to(wheel)) for file in wheel.rglob("*") if file.is_file()}
    assert {
        "airfleet/py.typed",
        "airfleet/django/migrations/0001_initial.py",
        "airfleet/django/static/airfleet/state.css",
        "airfleet/django/templates/airfleet/run_inline.html",
        "airfleet/django/management/commands/airfleet_sync.py",
    } <= files
    assert not [file for file in files if file.startswith(("tests", "src"))]


def test_a_book_is_published_when_its_run_has_ended(wheel: Path, airfleet: RunningAirfleet, token: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(wheel),
        "LIBRARY_FOLDER": str(wheel.parent),
        "LIBRARY_URL": f"http://127.0.0.1:{port}",
        "AIRFLEET_URL": airfleet.url,
        "AIRFLEET_TOKEN": token,
        "AIRFLEET_ADMIN_TOKEN": airfleet.admin_token,
        "AIRFLEET_INSTANCES": "two",
        "AIRFLEET_WEBHOOK_SECRET": "",
    }

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    manage("migrate")
    said = manage("airfleet_setup")
    secret = re.search(r"whsec_[^\"]+", said)
    assert secret is not None
    assert "already" in manage("airfleet_setup")
    environment["AIRFLEET_WEBHOOK_SECRET"] = secret[0]
    manage("check", "--fail-level", "WARNING")
    ask = "from catalogue.models import Book; Book.objects.create(title='Moby Dick').trigger('index_finding_aid')"
    runserver = (sys.executable, "manage.py", "runserver", "--noreload", str(port))
    with process(*runserver, cwd=EXAMPLE, environment=environment) as (_, output):
        output.find("Starting development server")
        manage("shell", "-c", ask)
        deadline = time.monotonic() + 60
        show = (
            "from catalogue.models import Book; b = Book.objects.get(); print(b.status, b.last_success and 'success')"
        )
        while "published success" not in (status := manage("shell", "-c", show)):
            assert time.monotonic() < deadline, status
            time.sleep(0.5)
