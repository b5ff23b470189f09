"""Airfleet for Python: `airfleet.client` talks to a server, `airfleet.django` ties objects to their runs."""

__version__ = "0.1.0"
