"""What the owner of objects listens to, to set statuses of its own.

Receivers run inside the transaction that records the message: one that raises undoes it, the webhook answers 500, and
Airfleet delivers again. So an effect on this database happens exactly once; mail and the like belong into
`transaction.on_commit`.
"""

from __future__ import annotations

from django.dispatch import Signal

run_changed = Signal()
"""A run changed its state. Arguments: `run` (MirroredRun), `before` (state or None), `objects` (instances of yours)."""

subject_changed = Signal()
"""What is known of an object changed. Arguments: `subject_type`, `subject_id`, `object` (or None), `data`."""

trigger_changed = Signal()
"""A trigger moved, for example to `rejected`: no run will come. Arguments: `trigger_id`, `state`, `objects`, `data`."""
