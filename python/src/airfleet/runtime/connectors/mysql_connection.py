"""Connections to MySQL and MariaDB, to hosts that may be reached."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..database import quote_text
from ..errors import StepError, StepRefused, needs_package
from ..network.policy import NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..context import StepContext

_PORT = 3306
_CONNECT_SECONDS = 10

_MODE = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO"
"""SQL as the compiler reads it: `'` for texts, `"` for names, `||` puts texts together. Values that do not fit fail."""

_MAY_PASS = frozenset({1040, 1053, 1158, 1159, 1160, 1161, 1205, 1213, 1317, 1021, 1028, 1037, 1114, 3024, 1969})
"""Too many connections, shutdown, broken lines, locks, ended statements, full disks, time."""


def literal(value: Any) -> str:
    """A value in a statement of ours. In our mode nothing but the quotation mark has a meaning within a text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        # What is written for infinity is no number of MySQL's, which says so.
        return repr(value)
    if isinstance(value, (bytes, bytearray)):
        return f"x'{value.hex()}'"
    return quote_text(str(value))


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """What MySQL complains of, as the step's error: services and locks may pass, statements stay wrong."""
    import pymysql  # noqa: PLC0415 - only pipelines that use it need it

    try:
        yield
    except pymysql.MySQLError as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        text = str(error.args[1]) if len(error.args) > 1 else str(error)
        is_lost = isinstance(error, pymysql.err.InterfaceError) or number >= 2000  # noqa: PLR2004 - the client's own
        kind = StepError if is_lost or number in _MAY_PASS else StepRefused
        raise kind(f"{what}: {text}") from error
    except OSError as error:
        raise StepError(f"{what}: the connection broke: {error}.") from error


def _tls(extra: Any) -> dict[str, Any]:
    mode = str(extra.get("ssl_mode", extra.get("ssl-mode", ""))).upper()
    given = extra.get("ssl")
    ssl = dict(given) if isinstance(given, dict) else {}
    if not ssl and mode in {"", "DISABLED", "PREFERRED"}:
        return {}
    return {
        "ssl": ssl or {"fake_flag_to_enable_tls": True},
        "ssl_verify_cert": mode in {"VERIFY_CA", "VERIFY_IDENTITY"} or None,
        "ssl_verify_identity": mode == "VERIFY_IDENTITY" or None,
    }


@contextlib.contextmanager
def open_mysql(context: StepContext, connection_id: str | None, seconds: float) -> Iterator[Any]:
    """A session in one transaction, undone unless it is committed. The server may be silent for so many seconds."""
    with needs_package("pymysql", "mysql"):
        import pymysql  # noqa: PLC0415 - only pipelines that use it need it
    if connection_id is None:
        raise StepRefused("The step names no connection.")
    known = context.connection(connection_id)
    host, port = known.host or "localhost", known.port or _PORT
    line = NetworkPolicy(context.network_allow).connect(host, port, _CONNECT_SECONDS)
    try:
        with told(f'Connection "{connection_id}" ({host}:{port})'):
            session: Any = pymysql.connect(
                host=host,
                port=port,
                user=known.login,
                password=known.password or "",
                database=known.schema,
                charset="utf8mb4",
                autocommit=False,
                defer_connect=True,
                local_infile=False,
                # Values stay as they were sent: text that DuckDB reads.
                conv={
                    kind: write for kind, write in pymysql.converters.conversions.items() if not isinstance(kind, int)
                },
                read_timeout=seconds,
                write_timeout=seconds,
                init_command=f"set session sql_mode = '{_MODE}', time_zone = '+00:00'",
                **_tls(known.extra),
            )
            line.settimeout(seconds)
            session.connect(line)
    except BaseException:
        line.close()
        raise
    try:
        yield session
    finally:
        # Not `close`, which says goodbye first: a connection that is in the middle of something cannot.
        session._force_close()  # noqa: SLF001 - the only way to do so
