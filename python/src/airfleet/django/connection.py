"""The server that the settings name."""

from __future__ import annotations

from airfleet.client import Airfleet, AirfleetError, RetryPolicy
from airfleet.django.configuration import NOT_ENABLED, Configuration, read_configuration


class AirfleetDisabledError(AirfleetError):
    """The settings say that Airflow is not to be used here."""

    def __init__(self) -> None:
        super().__init__("AIRFLEET_DISABLED", NOT_ENABLED)


def connect(configuration: Configuration | None = None) -> Airfleet:
    """A client of the server that the settings name.

    Raises:
        AirfleetDisabledError: `AIRFLEET_ENABLED` (or the seed's `ENABLE_AIRFLOW`) is False.

    """
    known = configuration or read_configuration()
    if not known.is_enabled:
        raise AirfleetDisabledError
    # Somebody waits for the page: two tries, and a server that asks for patience is told to them.
    retry = RetryPolicy(tries=2, longest_wait_seconds=2)
    return Airfleet(known.url, token=known.token, timeout_seconds=known.timeout_seconds, retry=retry)
