"""What `network.allow` means: nothing is reached that no entry names, and some addresses never are."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import StepError, StepRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_METADATA = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"})
"""Where clouds keep credentials outside of link-local: Amazon, Alibaba, Oracle, Azure."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NOWHERE = tuple(ipaddress.IPv4Network(text) for text in ("0.0.0.0/8", "240.0.0.0/4"))
_ENTRY = re.compile(r"^(?P<host>\[[^\]]+\]|[^:\s]+)(?::(?P<port>[0-9]{1,5}))?$")


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator or tunnel on the way would call instead."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None


def is_never_called(address: Address) -> bool:
    """Link-local, metadata, multicast and unspecified addresses: no source of rows is there, whatever is allowed."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_never_called(inner)
    elif any(address in network for network in _NOWHERE):
        return True
    return address.is_link_local or address.is_multicast or address.is_unspecified or str(address) in _METADATA


@dataclass(frozen=True)
class _Entry:
    glob: str | None
    network: Network | None
    port: int | None

    def names(self, host: str, port: int) -> bool:
        return self.glob is not None and self.port in {None, port} and fnmatch.fnmatchcase(host, self.glob)

    def holds(self, address: Address, port: int) -> bool:
        return (
            self.network is not None
            and self.port in {None, port}
            and self.network.version == address.version
            and address in self.network
        )


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _entry(text: str) -> _Entry:
    whole = _network(text)
    if whole is not None:
        return _Entry(None, whole, None)
    found = _ENTRY.match(text)
    if found is None:
        raise StepRefused(f'"{text}" in network.allow is no host, host:port, address or network.')
    host = found["host"].strip("[]").lower()
    port = int(found["port"]) if found["port"] else None
    network = _network(host)
    # In names `[` has no meaning of its own.
    return _Entry(None if network is not None else host.replace("[", ""), network, port)


class NetworkPolicy:
    """Hosts that may be reached: names in which `*` is any text, addresses, networks, each with a port if need be."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = tuple(allow)
        self._entries = [_entry(text) for text in allow]

    def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each of which may be called. Refuses when one may not."""
        plain = host.strip("[]").rstrip(".").lower()
        if "/" in plain or not plain:
            raise StepRefused(f'"{host}" is no host.')
        try:
            found = socket.getaddrinfo(plain, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise StepError(f'The host "{host}" is not known: {error}.') from error
        texts = list(dict.fromkeys(str(each[4][0]).split("%", 1)[0] for each in found))
        for text in texts:
            self._judge(plain, port, ipaddress.ip_address(text))
        return texts

    def _judge(self, host: str, port: int, address: Address) -> None:
        if is_never_called(address):
            raise StepRefused(f'"{host}" is {address}: link-local, metadata and the like are never called.')
        inner = _embedded(address) if isinstance(address, ipaddress.IPv6Address) else None
        if any(entry.names(host, port) or entry.holds(inner or address, port) for entry in self._entries):
            return
        allowed = ", ".join(self._allow) or "none"
        raise StepRefused(
            f'"{host}:{port}" ({address}) is not among the hosts that pipelines may reach '
            f"({allowed}; see network.allow)."
        )

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A connection to a host that may be reached: to the very address that was judged."""
        last: OSError | None = None
        for address in self.resolve(host, port):
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                last = error
        raise StepError(f'"{host}:{port}" does not answer: {last}.') from last
