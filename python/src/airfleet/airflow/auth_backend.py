"""Authentication backend for the stable REST API of Airflow 2: calls that Airfleet signed, without passwords.

    [api]
    auth_backends = airfleet.airflow.auth_backend,airflow.api.auth.backend.basic_auth

Configured by environment variables of the web server:

- `AIRFLEET_CALLER_PUBLIC_KEY` or `AIRFLEET_CALLER_PUBLIC_KEY_FILE`, with `AIRFLEET_CALLER_ALGORITHM`; or the variables
  `jwt_backend_public_key` and `jwt_backend_algorithm` of Airflow, whose names come from cwl-airflow.
- `AIRFLEET_CALLER_AUDIENCE`: the id of this instance in Airfleet; `AIRFLEET_INSTANCE` where it is not set.
- `AIRFLEET_CALLER_USER`: the Airflow user that calls are made as, or several with commas, of which a token may choose.

What is missing lets nobody in. A token is good for one method, path, query, DAG and body, for a minute, and for writing
once. Wrong ones get what Airflow answers without credentials; the log says why.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from airfleet.airflow.caller.key_source import KeySource, read_airflow_variable, read_keys
from airfleet.airflow.caller.keys import KeysUnusableError
from airfleet.airflow.caller.replays import UsedTokens
from airfleet.airflow.caller.signed_call import LEEWAY_SECONDS, Call, CallRefusedError, looks_signed, verify_call
from airfleet.airflow.caller.users import Users, UserUnusableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CLIENT_AUTH = None
"""How Airflow's own command line would sign in through this backend: not at all."""
client_auth = CLIENT_AUTH

_log = logging.getLogger(__name__)

# The API that has permissions. The experimental one has none: whoever is let in there may do everything.
_API = b"/api/v1/"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MEMO = "airfleet_caller_decision"


@dataclass(frozen=True, kw_only=True)
class Backend:
    """What one process knows: keys, users, and the tokens that were used."""

    audience: str | None
    keys: KeySource
    users: Users
    used: UsedTokens

    def authenticate(self, token: str, call: Call) -> Any:
        """The Airflow user of this call. Raises `CallRefusedError`, `KeysUnusableError`, `UserUnusableError`."""
        if self.audience is None:
            raise CallRefusedError("AIRFLEET_CALLER_AUDIENCE is not set: name this instance as Airfleet calls it")
        if not call.path.startswith(_API):
            raise CallRefusedError("only the stable API is open to signed calls")
        caller = verify_call(token, call, keys=self.keys.get(), audience=self.audience)
        user = self.users.find(caller.user)
        is_new = call.method in _READS or self.used.admit(
            caller.token_id, until=caller.expires_at + LEEWAY_SECONDS, now=time.time()
        )
        if not is_new:
            raise CallRefusedError("it was used before")
        return user


def create_backend(environment: Mapping[str, str]) -> Backend:
    """A backend as these variables say. Reads no key yet."""
    names = environment.get("AIRFLEET_CALLER_USER", "").split(",")
    audience = (
        environment.get("AIRFLEET_CALLER_AUDIENCE", "").strip() or environment.get("AIRFLEET_INSTANCE", "").strip()
    )
    return Backend(
        audience=audience or None,
        keys=KeySource(lambda: read_keys(environment, read_airflow_variable)),
        users=Users(tuple(name.strip() for name in names if name.strip())),
        used=UsedTokens(),
    )


_backend = create_backend(os.environ)


def init_app(_app: Any) -> None:
    """Called by Airflow when a web server starts: says what is missing before the first call is refused for it."""
    for name, is_set in (
        ("AIRFLEET_CALLER_AUDIENCE", _backend.audience is not None),
        ("AIRFLEET_CALLER_USER", bool(os.environ.get("AIRFLEET_CALLER_USER", "").strip())),
    ):
        if not is_set:
            _log.error("%s is not set: signed calls are refused", name)


def _bearer(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and looks_signed(token) else None


def _decide() -> bool:
    from flask import g, request  # noqa: PLC0415 (only inside a web server)

    token = _bearer(request.headers.get("Authorization", ""))
    if token is None:
        return False
    dag_id = (request.view_args or {}).get("dag_id")
    call = Call(
        method=request.method,
        path=request.environ.get("PATH_INFO", "").encode("latin-1"),
        query=request.environ.get("QUERY_STRING", ""),
        dag_id=None if dag_id == "~" else dag_id,
        body=request.get_data(cache=True),
    )
    try:
        user = _backend.authenticate(token, call)
    except (CallRefusedError, KeysUnusableError, UserUnusableError) as error:
        # As repr, so that a path cannot write lines of its own.
        _log.warning("A signed call of %s %r was refused: %s", call.method, request.path[:200], error)
        return False
    # As flask_login's login_user, without the session that it would begin: no cookie is set, and one that came along
    # does not count. `g.user` is where Airflow looks next.
    g._login_user = user  # noqa: SLF001
    g.user = user
    return True


def requires_authentication(function: Decorated) -> Decorated:
    """Lets signed calls through to `function`, and answers 403 to others: then Airflow asks the next backend."""

    @wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        from flask import Response, g  # noqa: PLC0415

        # Some endpoints ask several times about one request, and a token for writing is good once.
        if not hasattr(g, _MEMO):
            setattr(g, _MEMO, _decide())
        return function(*args, **kwargs) if getattr(g, _MEMO) else Response(status=403)

    return cast("Decorated", decorated)
