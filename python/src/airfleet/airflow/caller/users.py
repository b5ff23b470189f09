"""The Airflow user that signed calls are made as."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

USER_SECONDS = 5.0
"""How long a user with its permissions is taken from memory: also how soon a deactivated one is refused."""


class UserUnusableError(Exception):
    """No call can be made as this user. The reason is for the log."""


def load_airflow_user(name: str) -> Any:
    """A user with all its roles and permissions, outside of any database session, for this and later requests."""
    # Only inside a web server.
    from airflow.www.extensions.init_auth_manager import get_auth_manager  # noqa: PLC0415
    from sqlalchemy.orm import Session  # noqa: PLC0415

    from airflow import settings  # noqa: PLC0415

    manager = getattr(get_auth_manager(), "security_manager", None)
    model = getattr(manager, "user_model", None)
    if model is None:
        raise UserUnusableError("the auth manager of this Airflow has no users of its own: the FAB one is needed")
    with Session(bind=settings.engine, expire_on_commit=False) as session:
        user = session.query(model).filter(model.username == name).one_or_none()
        session.expunge_all()
    if user is None:
        raise UserUnusableError(f"there is no user {name!r}")
    if not user.is_active:
        raise UserUnusableError(f"the user {name!r} is deactivated")
    # Asked for here, since the user remembers the answer.
    if not user.perms:
        raise UserUnusableError(f"the user {name!r} has no permissions")
    return user


@dataclass(frozen=True, kw_only=True)
class _Known:
    until: float
    user: Any = None
    trouble: str | None = None


class Users:
    """The users that calls may be made as, by name."""

    def __init__(
        self,
        names: tuple[str, ...],
        load: Callable[[str], Any] = load_airflow_user,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = names
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def find(self, name: str | None) -> Any:
        """The user of that name, or the first configured one. Raises `UserUnusableError`."""
        if not self._names:
            raise UserUnusableError(
                "AIRFLEET_CALLER_USER is not set: name the Airflow user that signed calls are made as"
            )
        wanted = self._names[0] if name is None else name
        if wanted not in self._names:
            raise UserUnusableError(f"the user {wanted[:50]!r} is none of AIRFLEET_CALLER_USER")
        with self._lock:
            known = self._known.get(wanted)
            if known is None or self._clock() >= known.until:
                known = self._known[wanted] = self._read(wanted)
        if known.trouble is not None:
            raise UserUnusableError(known.trouble)
        return known.user

    def _read(self, name: str) -> _Known:
        try:
            user = self._load(name)
        except UserUnusableError as error:
            return _Known(until=self._clock() + USER_SECONDS, trouble=str(error))
        return _Known(until=self._clock() + USER_SECONDS, user=user)
