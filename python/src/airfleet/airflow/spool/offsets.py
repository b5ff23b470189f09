"""How far the files of the spool are delivered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OFFSETS = "offsets.json"


def read_offsets(directory: Path) -> dict[str, int]:
    """How many bytes of each file are delivered; nothing when that is not known."""
    try:
        found = json.loads((directory / OFFSETS).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): int(end) for name, end in found.items()} if isinstance(found, dict) else {}
