"""What `manage.py check` says about settings and models of this app."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.urls import NoReverseMatch, reverse

from airfleet.client.webhook import decode_secret
from airfleet.django.configuration import read_configuration
from airfleet.django.subject_mixin import AirfleetSubjectMixin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps import AppConfig

_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SUBJECT_TYPE = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _check_address() -> Iterator[CheckMessage]:
    configuration = read_configuration()
    if not configuration.is_enabled:
        return
    if not configuration.url:
        yield Error(
            "AIRFLEET_URL is not set.", "Give Airfleet's address, or set AIRFLEET_ENABLED = False.", id="airfleet.E001"
        )
        return
    address = urlsplit(configuration.url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        yield Error(f"AIRFLEET_URL is {configuration.url!r}; http://… or https://… is expected.", id="airfleet.E002")
        return
    if configuration.token is None and address.hostname not in _LOOPBACK:
        yield CheckWarning(
            "AIRFLEET_TOKEN is not set, and Airfleet is on another machine: it will refuse.",
            "Make one there: airfleet tokens create django --role operator",
            id="airfleet.W001",
        )
    if configuration.token is not None and address.scheme == "http" and address.hostname not in _LOOPBACK:
        yield CheckWarning(
            "AIRFLEET_URL is http, so AIRFLEET_TOKEN travels in the open.", "Use https.", id="airfleet.W002"
        )


def _check_webhook() -> Iterator[CheckMessage]:
    configuration = read_configuration()
    for secret in configuration.webhook_secrets:
        try:
            decode_secret(secret)
        except ValueError as error:
            yield Error(f"AIRFLEET_WEBHOOK_SECRET cannot be used: {error}", id="airfleet.E003")
    try:
        reverse("airfleet:webhook")
    except NoReverseMatch:
        return
    if configuration.is_enabled and not configuration.webhook_secrets:
        yield CheckWarning(
            "The webhook has an address but AIRFLEET_WEBHOOK_SECRET is not set: every message is refused.",
            "Set it to the secret that Airfleet showed when the webhook was made.",
            id="airfleet.W003",
        )


def _check_instances() -> Iterator[CheckMessage]:
    configuration = read_configuration()
    for instance in configuration.instances:
        if _INSTANCE.fullmatch(instance) is None:
            yield Error(f"AIRFLEET_INSTANCES names {instance!r}, which cannot be an instance id.", id="airfleet.E004")
    if configuration.is_enabled and not configuration.instances:
        yield CheckWarning(
            "Neither AIRFLEET_INSTANCES nor AIRFLOW_ENV_NAME is set: every trigger must name its instances.",
            id="airfleet.W004",
        )


def check_settings(*, app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Settings that cannot be right, or that mean something other than was probably meant."""
    del app_configs, options
    return [*_check_address(), *_check_webhook(), *_check_instances()]


def _check_related_model() -> Iterator[CheckMessage]:
    """The seed's one related model must have become a subject, else its runs are tied to nothing."""
    name = getattr(settings, "AIRFLOW_JOB_RELATED_MODEL", None)
    if not name:
        return
    try:
        model = apps.get_model(str(name))
    except (LookupError, ValueError):
        yield Error(f"AIRFLOW_JOB_RELATED_MODEL is {name!r}, and there is no such model.", id="airfleet.E006")
        return
    if not issubclass(model, AirfleetSubjectMixin):
        yield CheckWarning(
            f"AIRFLOW_JOB_RELATED_MODEL is {name!r}, but the model has no AirfleetSubjectMixin.",
            "Add the mixin to it; the setting itself is then no longer needed.",
            obj=model,
            id="airfleet.W005",
        )


def check_subjects(*, app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Subject types that Airfleet would refuse, or that two models share."""
    del app_configs, options
    models = [model for model in apps.get_models() if issubclass(model, AirfleetSubjectMixin) and not model._meta.proxy]
    types = Counter(model.get_airfleet_subject_type() for model in models)
    refused = [
        Error(
            f"airfleet_subject_type is {kind!r}; a lower-case letter, then at most 63 of a-z 0-9 _ . - are allowed.",
            obj=model,
            id="airfleet.E007",
        )
        for model in models
        if _SUBJECT_TYPE.fullmatch(kind := model.get_airfleet_subject_type()) is None
    ]
    shared = [
        Error(f"{number} models have the airfleet_subject_type {kind!r}: objects would share runs.", id="airfleet.E008")
        for kind, number in types.items()
        if number > 1
    ]
    return [*refused, *shared, *_check_related_model()]
