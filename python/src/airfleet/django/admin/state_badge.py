"""The box that shows a run's state: colour, sign and word, since colour alone tells nothing to many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

_SIGNS = {"queued": "…", "running": "▶", "success": "✓", "failed": "✗", "cancelled": "■", "lost": "?"}


def state_badge(state: str | None, *, partial: bool = False) -> SafeString:
    """A state as a box; a dash for no run at all."""
    if not state:
        return format_html('<span class="airfleet-state airfleet-state-none">{}</span>', "–")
    word = f"{state} (partial)" if partial else state
    sign = _SIGNS.get(state, "")
    return format_html('<span class="airfleet-state airfleet-state-{}">{} {}</span>', state, sign, word)
