"""The name Airfleet gives to a run, computed where the run is known by the engine's names."""

from __future__ import annotations

import base64
import hashlib
import json


def run_id_of(instance: str, dag_id: str, dag_run_id: str) -> str:
    """`run_…` of an engine's run: the same on every server. Tasks use it to speak of the run they are in."""
    place = json.dumps([instance, dag_id, dag_run_id], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(place.encode()).digest()
    return "run_" + base64.b32encode(digest).decode().rstrip("=").lower()
