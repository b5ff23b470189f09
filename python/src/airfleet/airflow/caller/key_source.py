"""Where the keys are: environment variables, a file, or the variables of Airflow that cwl-airflow used."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airfleet.airflow.caller.keys import KeyRing, KeysUnusableError, parse_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY_SECONDS = 30.0
"""How long keys are used before they are read again: also how soon a new or withdrawn key counts."""
FAILURE_SECONDS = 5.0
"""How long a failure is answered from memory: whoever sends garbage must not make us ask the database each time."""

VARIABLES = ("jwt_backend_public_key", "jwt_backend_algorithm", "jwt_backend_crypt_algorithm")
"""Airflow variables; of the two algorithms the first that is set counts."""


def read_airflow_variable(name: str) -> str | None:
    """One variable of Airflow's, through its secrets backends and its database."""
    # Only inside Airflow 2, and only where the environment has no key.
    from airflow.models import Variable  # noqa: PLC0415

    value = Variable.get(name, default_var=None)  # noqa: AIR311
    return None if value is None else str(value)


def read_keys(environment: Mapping[str, str], read_variable: Callable[[str], str | None]) -> KeyRing:
    """The configured keys. With one in the environment Airflow's variables count for nothing: more people edit those.

    Raises `KeysUnusableError`.
    """
    algorithm = environment.get("AIRFLEET_CALLER_ALGORITHM")
    text = environment.get("AIRFLEET_CALLER_PUBLIC_KEY", "").strip()
    if text:
        return parse_keys(text, algorithm)
    file = environment.get("AIRFLEET_CALLER_PUBLIC_KEY_FILE", "").strip()
    if file:
        try:
            return parse_keys(Path(file).read_text(encoding="utf-8"), algorithm)
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnusableError(
                f"AIRFLEET_CALLER_PUBLIC_KEY_FILE cannot be read: {type(error).__name__}"
            ) from error
    key_name, *algorithm_names = VARIABLES
    text = (read_variable(key_name) or "").strip()
    if not text:
        raise KeysUnusableError(
            "no key is configured: set AIRFLEET_CALLER_PUBLIC_KEY or AIRFLEET_CALLER_PUBLIC_KEY_FILE, "
            f"or the variable {key_name}"
        )
    named = (read_variable(name) for name in algorithm_names)
    return parse_keys(text, next((value for value in named if value), None))


class KeySource:
    """The keys, read again every half minute and never once per call."""

    def __init__(self, read: Callable[[], KeyRing], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._outcome: KeyRing | str = ""

    def get(self) -> KeyRing:
        """Raises `KeysUnusableError`; then no call is believed."""
        with self._lock:
            if self._clock() >= self._until:
                self._outcome = self._try()
                seconds = KEY_SECONDS if isinstance(self._outcome, KeyRing) else FAILURE_SECONDS
                self._until = self._clock() + seconds
            if isinstance(self._outcome, KeyRing):
                return self._outcome
            raise KeysUnusableError(self._outcome)

    def _try(self) -> KeyRing | str:
        """The keys, or why there are none."""
        try:
            return self._read()
        except KeysUnusableError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 (whatever a secrets backend raises: without keys nobody is believed)
            return f"the variables of Airflow cannot be read: {type(error).__name__}"
