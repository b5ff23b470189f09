from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from airfleet.airflow.sender.backoff import Backoff
from airfleet.airflow.sender.target import Target, TargetUnknownError, find_target, old_names_in, old_names_of
from airfleet.airflow.settings import read_settings
from airfleet.airflow.signing import KeyUnusableError, body_hash, read_signing_key, sign_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airfleet.airflow.sender.target import OldNames

SECRET = base64.urlsafe_b64encode(b"s" * 32).decode()


def find(environment: Mapping[str, str], asked: OldNames | None = None) -> Target:
    return find_target(read_settings(environment), environment, lambda: asked)


def pem(key: Any) -> str:
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return data.decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_a_private_key_signs_by_the_algorithm_that_fits_it(key: Any, algorithm: str) -> None:
    # One line with \n in it, as environment files write it.
    signing = read_signing_key(pem(key).replace("\n", "\\n"), key_id="k1")
    token = sign_body(b"{}", instance="eu-1", now=1_000_000.5, key=signing)
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": "k1", "typ": "JWT"}
    claims = jwt.decode(
        token, key.public_key(), algorithms=[algorithm], audience="airfleet", options={"verify_exp": False}
    )
    assert claims["iss"] == "eu-1"
    assert claims["iat"] == 1_000_000
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["body_sha256"] == body_hash(b"{}") == "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (SECRET, "RS256"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "HS256"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "RS256"),
        (SECRET, "none"),
        ("not base64 !", None),
        ("", None),
    ],
)
def test_a_key_and_an_algorithm_that_do_not_go_together_are_refused(key: str, algorithm: str | None) -> None:
    with pytest.raises(KeyUnusableError) as refused:
        read_signing_key(key, algorithm=algorithm)
    assert not key or key not in str(refused.value)


def test_keys_do_not_show_when_they_are_printed() -> None:
    target = find({"AIRFLEET_URL": "http://a", "AIRFLEET_INSTANCE": "i", "AIRFLEET_REPORT_KEY": SECRET})
    names = old_names_of({"host": "h", "password": "hunter2"}, "the-key", None)
    shown = f"{target!r} {target} {names!r} {names}"
    assert "ssss" not in shown
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert "the-key" not in shown


def test_a_key_may_stand_in_a_file(tmp_path: Any) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    environment = {
        "AIRFLEET_URL": "https://airfleet.example.org/",
        "AIRFLEET_INSTANCE": "eu-1",
        "AIRFLEET_REPORT_KEY_FILE": str(tmp_path / "key"),
        "AIRFLEET_REPORT_ALGORITHM": "HS512",
    }
    target = find(environment)
    assert (target.base_url, target.report_format) == ("https://airfleet.example.org", "native")
    assert target.key is not None
    assert (target.key.key, target.key.algorithm) == (b"s" * 32, "HS512")
    (tmp_path / "key").unlink()
    with pytest.raises(TargetUnknownError, match="cannot be read") as error:
        find(environment)
    assert error.value.code == "REPORT_KEY_UNREADABLE"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "REPORT_URL_MISSING"),
        ({"AIRFLEET_URL": "http://a"}, "REPORT_INSTANCE_MISSING"),
        ({"AIRFLEET_URL": "file:///etc/passwd", "AIRFLEET_INSTANCE": "i"}, "REPORT_URL_UNUSABLE"),
        ({"AIRFLOW_CONN_PROCESS_REPORT": "http://a:80"}, "REPORT_ENDPOINT_MISSING"),
        ({"AIRFLOW_CONN_PROCESS_REPORT": "{"}, "REPORT_URL_UNUSABLE"),
        ({"AIRFLOW_CONN_PROCESS_REPORT": "http://a", "AIRFLEET_REPORT_FORMAT": "native"}, "REPORT_INSTANCE_MISSING"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], code: str) -> None:
    with pytest.raises(TargetUnknownError) as error:
        find(environment)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("connection", "base"),
    [
        ("http://localhost:8123?endpoint=satellite%2Fv1%2F", "http://localhost:8123/satellite/v1"),
        ("http://localhost?__extra__=%7B%22endpoint%22%3A+%22satellite%2Fv1%2F%22%7D", "http://localhost/satellite/v1"),
        ("http://u:p%40w@localhost/https?endpoint=/x/", "https://localhost/x"),
        ('{"conn_type": "http", "host": "https://h", "port": 1, "extra": {"endpoint": "a/b"}}', "https://h:1/a/b"),
    ],
)
def test_the_connection_is_read_as_airflow_writes_it(connection: str, base: str) -> None:
    target = find({"AIRFLOW_CONN_PROCESS_REPORT": connection})
    assert (target.base_url, target.report_format, target.key) == (base, "g1", None)


def test_login_and_password_of_the_connection_are_decoded() -> None:
    names = old_names_in({"AIRFLOW_CONN_PROCESS_REPORT": "http://u:p%40w@localhost?endpoint=x"})
    assert names is not None
    assert (names.login, names.password) == ("u", "p@w")


def test_the_first_systems_own_example_of_an_extra_is_understood() -> None:
    names = old_names_of({"host": "localhost", "port": 80, "extra": '{"endpoint": "satellite/v1/"'}, None, None)
    assert find({}, names).base_url == "http://localhost:80/satellite/v1"


def test_our_own_format_goes_to_the_connections_host_where_it_is_asked_for() -> None:
    names = old_names_of({"host": "a", "extra": {"endpoint": "x", "instance": "eu-1", "key_id": "k"}}, SECRET, "HS256")
    target = find({"AIRFLEET_REPORT_FORMAT": "native"}, names)
    assert (target.base_url, target.instance, target.report_format) == ("http://a", "eu-1", "native")
    assert target.key is not None
    assert (target.key.key_id, target.key.key) == ("k", b"s" * 32)


def test_a_header_that_would_end_the_header_is_left_out() -> None:
    names = old_names_of({"host": "a", "extra": {"endpoint": "x", "X-Bad": "1\r\nHost: evil", "a b": "1"}}, None, None)
    assert find({}, names).headers == {"endpoint": "x"}


def test_own_settings_go_before_the_old_names() -> None:
    names = old_names_of({"host": "old", "extra": {"endpoint": "x"}}, None, None)
    assert find({"AIRFLEET_URL": "http://new", "AIRFLEET_INSTANCE": "i"}, names).base_url == "http://new"


def test_settings_that_cannot_be_meant_are_as_if_they_were_not_there() -> None:
    settings = read_settings(
        {"AIRFLEET_TIMEOUT_SECONDS": "soon", "AIRFLEET_SPOOL_BYTES": "-1", "AIRFLEET_FLUSH_SECONDS": "inf"}
    )
    usual = read_settings({})
    assert (settings.timeout_seconds, settings.spool_bytes) == (usual.timeout_seconds, usual.spool_bytes)
    assert settings.flush_seconds == 0


def test_waits_double_up_to_the_cap_and_differ_between_hosts() -> None:
    longest = Backoff(cap_seconds=8, jitter=lambda: 1.0)
    shortest = Backoff(cap_seconds=8, jitter=lambda: 0.0)
    assert [longest.next_seconds(None) for _ in range(6)] == [0.5, 1, 2, 4, 8, 8]
    assert [shortest.next_seconds(None) for _ in range(6)] == [0.25, 0.5, 1, 2, 4, 4]
    assert shortest.next_seconds(120) == 120
    assert shortest.next_seconds(1e9) == 3600
    longest.reset()
    assert longest.next_seconds(None) == 0.5
