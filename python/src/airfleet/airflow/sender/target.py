"""Where reports go and how they are signed: what the sender alone knows, the key included."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from airfleet.airflow.signing import KeyUnusableError, SigningKey, read_signing_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airfleet.airflow.settings import ReportFormat, Settings

CONNECTION_ID = "process_report"
PRIVATE_KEY_VARIABLE = "process_report_private_key"
ALGORITHM_VARIABLES = ("process_report_crypt_algorithm", "process_report_algorithm")
"""The first system's older and younger name."""


_OWN_EXTRA = frozenset({"instance", "key_id"})
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class TargetUnknownError(Exception):
    """Nothing says where reports should go, or with which key. The text never holds any of a key."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class OldNames:
    """A connection and variables as cwl-airflow's users have them."""

    base_url: str
    endpoint: str | None
    extra: Mapping[str, str]
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    algorithm: str | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """A receiver."""

    report_format: ReportFormat
    base_url: str
    """Without a slash at its end; an endpoint of the old names is part of it."""
    instance: str | None
    key: SigningKey | None
    headers: Mapping[str, str] = field(default_factory=dict)
    """For old receivers: the connection's extra, as Airflow's HttpHook sends it; `endpoint` is one of them."""
    login: str | None = None
    password: str | None = field(default=None, repr=False)


def _configured_key(environment: Mapping[str, str]) -> str | None:
    text = environment.get("AIRFLEET_REPORT_KEY", "").strip()
    if text:
        return text
    path = environment.get("AIRFLEET_REPORT_KEY_FILE", "").strip()
    if not path:
        return None
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise TargetUnknownError(
            "REPORT_KEY_UNREADABLE", f"AIRFLEET_REPORT_KEY_FILE={path} cannot be read ({type(error).__name__})."
        ) from None


def _sign_with(
    text: str | None, algorithm: str | None, key_id: str | None, *, is_plain_secret: bool
) -> SigningKey | None:
    if text is None:
        return None
    try:
        return read_signing_key(text, algorithm=algorithm, key_id=key_id, is_plain_secret=is_plain_secret)
    except KeyUnusableError as error:
        # Never unsigned instead: whoever configured a key wants nothing to leave without its signature.
        raise TargetUnknownError("REPORT_KEY_UNUSABLE", str(error)) from None


def _checked_base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetUnknownError("REPORT_URL_UNUSABLE", f"{url!r} is no http or https address.")
    return url.rstrip("/")


def _of_own_names(settings: Settings, environment: Mapping[str, str], url: str) -> Target:
    report_format = settings.report_format or "native"
    if report_format == "native" and settings.instance is None:
        raise TargetUnknownError(
            "REPORT_INSTANCE_MISSING", "AIRFLEET_URL is set, AIRFLEET_INSTANCE is not: set it to this Airflow's id."
        )
    return Target(
        report_format=report_format,
        base_url=_checked_base(url),
        instance=settings.instance,
        key=_sign_with(
            _configured_key(environment),
            environment.get("AIRFLEET_REPORT_ALGORITHM", "").strip() or None,
            environment.get("AIRFLEET_REPORT_KEY_ID", "").strip() or None,
            is_plain_secret=report_format != "native",
        ),
        headers={"endpoint": urlsplit(url).path.strip("/")},
    )


def _of_old_names(settings: Settings, names: OldNames) -> Target:
    report_format = settings.report_format or "g1"
    instance = settings.instance or names.extra.get("instance")
    if report_format == "native":
        if instance is None:
            raise TargetUnknownError(
                "REPORT_INSTANCE_MISSING",
                f"Connection {CONNECTION_ID!r} names no instance: set AIRFLEET_INSTANCE or its extra `instance`.",
            )
        base = names.base_url
    elif names.endpoint is None:
        raise TargetUnknownError(
            "REPORT_ENDPOINT_MISSING",
            f'Connection {CONNECTION_ID!r} needs an extra like {{"endpoint": "satellite/v1/"}}.',
        )
    else:
        base = "/".join(part for part in (names.base_url, names.endpoint.strip("/")) if part)
    return Target(
        report_format=report_format,
        base_url=_checked_base(base),
        instance=instance,
        key=_sign_with(
            names.private_key, names.algorithm, names.extra.get("key_id"), is_plain_secret=report_format != "native"
        ),
        headers={
            name: value for name, value in names.extra.items() if name not in _OWN_EXTRA and _is_header(name, value)
        },
        login=names.login,
        password=names.password,
    )


def _is_header(name: str, value: str) -> bool:
    return _HEADER_NAME.fullmatch(name) is not None and value.isascii() and value.isprintable()


def _extra_of(text: str | None) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        # The first system's own example lacks its closing brace.
        try:
            found = json.loads(f"{text}}}")
        except ValueError:
            return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def old_names_of(connection: Mapping[str, object], private_key: str | None, algorithm: str | None) -> OldNames:
    """A connection's parts (`host`, `port`, `schema`, `login`, `password`, `extra`) put together as HttpHook does."""
    host = str(connection.get("host") or "")
    schema = str(connection.get("schema") or "http")
    base = host if "://" in host else f"{schema}://{host}"
    if connection.get("port"):
        base = f"{base}:{connection['port']}"
    extra = connection.get("extra")
    pairs = _extra_of(extra if isinstance(extra, str) else json.dumps(extra or {}))
    return OldNames(
        base_url=base.rstrip("/"),
        endpoint=pairs.get("endpoint"),
        extra=pairs,
        login=str(connection["login"]) if connection.get("login") else None,
        password=str(connection["password"]) if connection.get("password") else None,
        private_key=private_key or None,
        algorithm=algorithm or None,
    )


def _connection_of_uri(uri: str) -> dict[str, object]:
    parts = urlsplit(uri)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    extra = query.pop("__extra__", None)
    return {
        "host": unquote(parts.hostname or ""),
        "port": parts.port,
        # Airflow keeps the protocol of an HTTP connection in what is a database's schema elsewhere.
        "schema": unquote(parts.path.strip("/")) or ("https" if parts.scheme == "https" else "http"),
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "extra": extra if extra is not None else query,
    }


def old_names_in(environment: Mapping[str, str]) -> OldNames | None:
    """The old names where Airflow reads them from variables of the environment; None when there are none."""
    text = environment.get(f"AIRFLOW_CONN_{CONNECTION_ID.upper()}", "").strip()
    if not text:
        return None
    try:
        connection = json.loads(text) if text.startswith("{") else _connection_of_uri(text)
    except ValueError:
        raise TargetUnknownError(
            "REPORT_URL_UNUSABLE", f"AIRFLOW_CONN_{CONNECTION_ID.upper()} is neither an address nor JSON."
        ) from None
    values = [environment.get(f"AIRFLOW_VAR_{name.upper()}") for name in ALGORITHM_VARIABLES]
    return old_names_of(
        connection,
        environment.get(f"AIRFLOW_VAR_{PRIVATE_KEY_VARIABLE.upper()}"),
        next((value for value in values if value), None),
    )


def find_target(
    settings: Settings, environment: Mapping[str, str], ask_airflow: Callable[[], OldNames | None]
) -> Target:
    """Where reports go: `AIRFLEET_URL`, else the old names in the environment, else in Airflow itself.

    Args:
        settings: What the environment says besides.
        environment: Where keys are.
        ask_airflow: Reads the old names from Airflow; slow, so asked last.

    Raises:
        TargetUnknownError: Nothing says it, or the key cannot be used.

    """
    if settings.url is not None:
        return _of_own_names(settings, environment, settings.url)
    names = old_names_in(environment) or ask_airflow()
    if names is None:
        raise TargetUnknownError(
            "REPORT_URL_MISSING",
            f"Neither AIRFLEET_URL nor connection {CONNECTION_ID!r} says where reports should go. "
            "`airfleet reports connect INSTANCE` prints what to set.",
        )
    return _of_old_names(settings, names)
