"""Rows of HTTP services, page by page."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ..errors import StepRefused
from ..network.policy import NetworkPolicy
from . import json as json_files
from .http_exchange import Answer, HttpExchange, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..context import StepContext
    from ..reference import Reference

_MOST_BYTES = 16 << 30
_MEMBER = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_NEXT = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?', re.IGNORECASE)


def find_path(value: Any, path: str) -> Any:
    """What stands at `$.data.items`; None where nothing does."""
    rest = path.strip()[1:]
    position = 0
    while position < len(rest):
        found = _MEMBER.match(rest, position)
        if found is None:
            raise StepRefused(f'"{path}" is no path: write $.data.items or $.pages[0].')
        position = found.end()
        member = next((part for part in found.groups() if part is not None), "")
        if isinstance(value, dict):
            value = value.get(member)
        elif isinstance(value, list) and found[2] is not None:
            value = value[int(member)] if int(member) < len(value) else None
        else:
            return None
    return value


def _with_query(url: str, query: Mapping[str, Any]) -> str:
    parts = urlsplit(url)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in query]
    pairs.extend((name, str(value)) for name, value in query.items())
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), ""))


class _Source:
    """One service as the options describe it."""

    def __init__(self, context: StepContext, options: Mapping[str, Any], connection: str | None) -> None:
        self._options = options
        self._exchange = HttpExchange(
            NetworkPolicy(context.network_allow),
            timeout=options["timeout"],
            retries=options["retries"],
            log=context.log,
        )
        self._headers, self._secret = self._sign_in(context, connection)

    def _sign_in(self, context: StepContext, connection: str | None) -> tuple[dict[str, str], frozenset[str]]:
        kind = self._options["auth_type"]
        if kind == "none":
            return {}, frozenset()
        if connection is None:
            raise StepRefused(f'Signing in with "{kind}" needs a connection.')
        known = context.connection(connection)
        secret = known.password or str(known.extra.get("token") or known.extra.get("api_key") or "")
        if not secret:
            raise StepRefused(f'Connection "{connection}" holds no secret.')
        if kind == "basic":
            pair = base64.b64encode(f"{known.login or ''}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}, frozenset({"authorization"})
        if kind == "bearer":
            return {"Authorization": f"Bearer {secret}"}, frozenset({"authorization"})
        name = self._options["api_key_header"]
        return {name: secret}, frozenset({name.lower()})

    def ask(self, url: str) -> tuple[Any, Answer]:
        """An answer, read as JSON."""
        body = self._options.get("body")
        headers = {"Accept": "application/json", "User-Agent": "airfleet", **self._options["headers"], **self._headers}
        data = None
        if body is not None and self._options["method"] == "POST":
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        answer = self._exchange.send(Request(self._options["method"], url, headers, data, self._secret))
        try:
            return json.loads(answer.body) if answer.body.strip() else None, answer
        except (ValueError, RecursionError) as error:
            begin = answer.body[:80].decode("utf-8", "replace")
            raise StepRefused(f"The answer is no JSON: {type(error).__name__}; it begins with {begin!r}.") from error

    def pages(self) -> Iterator[list[Any]]:
        """The rows of one page after the other."""
        options = self._options
        pagination = options["pagination"]
        url: str | None = _with_query(options["url"], options["params"])
        query = _first_page(pagination)
        seen: set[str] = set()
        for _ in range(options["max_pages"]):
            if url is None:
                return
            asked = _with_query(url, query)
            if asked in seen:
                raise StepRefused("The service names a page again that was read before; its pages have no end.")
            seen.add(asked)
            value, answer = self.ask(asked)
            rows = _rows_of(value, options["response_path"])
            yield rows
            url, query = _next_page(pagination, url, query, value, answer, rows)
        if url is not None:
            raise StepRefused(f"There are more than {options['max_pages']} pages. Raise max_pages, or ask for less.")


def _first_page(pagination: Mapping[str, Any]) -> dict[str, Any]:
    kind = pagination["type"]
    if kind == "page":
        size = {pagination["size_param"]: pagination["size"]} if _has_size(pagination) else {}
        return {pagination["param"]: pagination["start"], **size}
    if kind == "offset":
        return {pagination["param"]: 0, pagination["size_param"]: pagination["size"]}
    return {}


def _has_size(pagination: Mapping[str, Any]) -> bool:
    return bool(pagination.get("size_param")) and bool(pagination.get("size"))


def _next_page(  # noqa: PLR0913, PLR0917 - what a page is found by
    pagination: Mapping[str, Any], url: str, query: Mapping[str, Any], value: Any, answer: Answer, rows: list[Any]
) -> tuple[str | None, dict[str, Any]]:
    """Address and query of the next page; no address when this was the last."""
    kind = pagination["type"]
    if kind in {"page", "offset"}:
        size = pagination.get("size")
        # A page that is not full is the last; where nobody knows what full is, an empty one.
        if not rows or (size and _is_sized(pagination) and len(rows) < size):
            return None, {}
        step = 1 if kind == "page" else len(rows)
        return url, {**query, pagination["param"]: query[pagination["param"]] + step}
    if kind == "cursor":
        cursor = find_path(value, pagination["cursor_path"])
        return (None, {}) if cursor in {None, "", False} else (url, {pagination["param"]: cursor})
    if kind == "link":
        found = _NEXT.search(answer.headers.get("link", ""))
        return (urljoin(url, found[1]), {}) if found else (None, {})
    return None, {}


def _is_sized(pagination: Mapping[str, Any]) -> bool:
    return pagination["type"] == "offset" or _has_size(pagination)


def _rows_of(value: Any, path: str) -> list[Any]:
    found = find_path(value, path)
    if found is None:
        return []
    rows = found if isinstance(found, list) else [found]
    return [row if isinstance(row, dict) else {"value": row} for row in rows]


def _write_lines(pages: Iterator[list[Any]], file: IO[str]) -> int:
    count = 0
    for rows in pages:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
        if file.tell() > _MOST_BYTES:
            raise StepRefused(f"The service has answered more than {_MOST_BYTES >> 30} GB.")
    return count


def read(context: StepContext, options: Mapping[str, Any], target: str, connection: str | None = None) -> Reference:
    """Reads all pages. Types are found from all rows."""
    path = Path(target).with_suffix(".jsonl")
    source = _Source(context, options, connection)
    columns = options.get("columns", {})
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        count = _write_lines(source.pages(), file)
    try:
        if count > 0:
            return json_files.read_files(
                context, [path], {**json_files.DEFAULTS, "format": "lines", "columns": columns}, target
            )
    finally:
        path.unlink(missing_ok=True)
    if columns:
        return json_files.no_rows(context, columns, target)
    raise StepRefused(
        f'There are no rows at "{options["response_path"]}", and nobody knows their columns. '
        "Is it where the rows stand? Where none may come, name the columns with their types (columns)."
    )
