"""Which hosts may be reached."""

import socket

import pytest

from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.network.policy import NetworkPolicy


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that stand for addresses of our choice."""
    known = {
        "db.example.org": ["93.184.216.34"],
        "two.example.org": ["93.184.216.34", "10.0.0.5"],
        "inside.example.org": ["10.0.0.5"],
        "trap.example.org": ["169.254.169.254"],
        "six.example.org": ["2001:db8::1"],
    }

    def look_up(host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        addresses = known.get(host, [host])
        if addresses == [host] and host[0].isalpha() and ":" not in host:
            raise socket.gaierror(-2, "not known")
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("allow", "host", "port"),
    [
        ("*", "db.example.org", 5432),
        ("*", "127.0.0.1", 80),
        ("db.example.org", "DB.example.org.", 5432),
        ("*.example.org:5432", "db.example.org", 5432),
        ("93.184.216.34", "db.example.org", 443),
        ("10.0.0.0/8", "inside.example.org", 443),
        ("93.184.216.34:443", "db.example.org", 443),
        ("2001:db8::/32", "six.example.org", 443),
        ("[2001:db8::1]:443", "six.example.org", 443),
        ("127.0.0.1", "::ffff:127.0.0.1", 80),
    ],
)
@pytest.mark.usefixtures("named")
def test_what_an_entry_names_is_reached(allow: str, host: str, port: int) -> None:
    assert NetworkPolicy([allow]).resolve(host, port)


@pytest.mark.parametrize(
    ("allow", "host", "port"),
    [
        ("", "db.example.org", 5432),
        ("example.org", "db.example.org", 5432),
        ("*.example.org:5432", "db.example.org", 5433),
        ("93.184.216.34", "two.example.org", 443),
        ("10.0.0.0/8", "db.example.org", 443),
        ("*", "trap.example.org", 80),
        ("*", "169.254.169.254", 80),
        ("*", "::ffff:169.254.169.254", 80),
        ("*", "64:ff9b::a9fe:a9fe", 80),
        ("*", "100.100.100.200", 80),
        ("*", "0.0.0.0", 80),  # noqa: S104 - it is refused
        ("*", "224.0.0.1", 80),
        ("*", "/var/run/postgresql", 5432),
        ("*", "", 5432),
    ],
)
@pytest.mark.usefixtures("named")
def test_everything_else_is_not(allow: str, host: str, port: int) -> None:
    with pytest.raises(StepRefused):
        NetworkPolicy([allow] if allow else []).resolve(host, port)


@pytest.mark.usefixtures("named")
def test_a_host_that_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(StepError, match="is not known") as told:
        NetworkPolicy(["*"]).resolve("gone.example.org", 80)
    assert not isinstance(told.value, StepRefused)


def test_an_entry_that_means_nothing_is_told() -> None:
    with pytest.raises(StepRefused, match=r'"a b" in network\.allow'):
        NetworkPolicy(["a b"])
