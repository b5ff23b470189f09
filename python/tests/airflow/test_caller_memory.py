"""What a web server remembers between calls: keys, users, and tokens that were used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from airfleet.airflow.caller.key_source import FAILURE_SECONDS, KEY_SECONDS, KeySource, read_keys
from airfleet.airflow.caller.keys import KeyRing, KeysUnusableError, parse_keys
from airfleet.airflow.caller.replays import UsedTokens
from airfleet.airflow.caller.users import USER_SECONDS, Users, UserUnusableError
from tests.airflow.signed_calls import EC, ED, OTHER_ED, RSA, SECRET, base64url, private_pem, public_pem

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _jwk(**fields: Any) -> dict[str, Any]:
    x = base64url(ED.public_key().public_bytes_raw())
    return {"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", **fields}


SMALL_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (to be refused)
P384 = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize(
    ("text", "algorithm", "reason"),
    [
        (public_pem(RSA), None, "no algorithm is configured"),
        (public_pem(RSA), "RS512", "is none of RS256"),
        (public_pem(RSA), "none", "is none of RS256"),
        (public_pem(RSA), "ES256", "is not for ES256"),
        (public_pem(RSA), "HS256", "is not base64url"),
        (public_pem(EC), "RS256", "is not for RS256"),
        (public_pem(P384), "ES256", "is not for ES256"),
        (public_pem(SMALL_RSA), "RS256", "has 1024 bits"),
        (private_pem(ED), "EdDSA", "it is a private key"),
        (base64url(SECRET), "RS256", "no public key in PEM"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "RS256", "no public key in PEM"),
        (base64url(SECRET[:31]), "HS256", "has 31 bytes, and needs 32"),
        (base64url(SECRET[:63]), "HS512", "has 63 bytes, and needs 64"),
        ("A", "HS256", "is not base64url"),
        ("{", "EdDSA", "begins as JSON"),
        ("{}", "EdDSA", "has no keys"),
        ('{"keys": []}', None, "has no keys"),
        (json.dumps({"k": public_pem(ED)}), None, "no algorithm is configured"),
        (json.dumps({"keys": [_jwk(), _jwk()]}), None, "the same kid"),
        (json.dumps({"keys": [_jwk(kid=None)]}), None, "has no kid"),
        (json.dumps({"keys": [_jwk(alg=None)]}), None, "has no alg"),
        (json.dumps({"keys": [_jwk(alg="RS512")]}), None, "has no alg"),
        (json.dumps({"keys": [_jwk(alg="RS256")]}), None, "no JSON Web Key for RS256"),
        (json.dumps({"keys": [_jwk(alg="HS256")]}), None, "is public, which is not for HS256"),
        (json.dumps({"keys": [_jwk(use="enc")]}), None, "not for signatures"),
        (json.dumps({"keys": [_jwk(d="AAAA")]}), None, "is a private key"),
        (json.dumps({"keys": [_jwk(x="AAAA")]}), None, "no JSON Web Key for EdDSA"),
        (json.dumps({"keys": [{"kid": "k", "kty": "oct", "k": base64url(SECRET), "alg": "EdDSA"}]}), None, "a secret"),
    ],
)
def test_keys_that_could_not_verify_are_refused_without_being_quoted(
    text: str, algorithm: str | None, reason: str
) -> None:
    with pytest.raises(KeysUnusableError, match=reason) as refusal:
        parse_keys(text, algorithm)
    assert text[30:60] == "" or text[30:60] not in str(refusal.value)


def test_a_pem_on_one_line_is_read() -> None:
    assert parse_keys(public_pem(ED).replace("\n", "\\n"), " EdDSA ").find("any") is not None


def test_a_key_set_has_its_own_algorithms() -> None:
    secret = {"kid": "s", "kty": "oct", "k": base64url(SECRET), "alg": "HS512"}
    ring = parse_keys(json.dumps({"keys": [_jwk(), secret, _jwk(kid="d", alg="EdDSA")]}), "RS256")
    found = {name: ring.find(name) for name in ("k", "s", "d", "x")}
    assert {name: key and key.algorithm for name, key in found.items()} == {
        "k": "EdDSA",
        "s": "HS512",
        "d": "EdDSA",
        "x": None,
    }
    assert ring.find(None) is None
    assert ring.find(["k"]) is None


def test_no_key_is_ever_shown(tmp_path: Path) -> None:
    ring = parse_keys(base64url(SECRET), "HS512")
    assert repr(SECRET)[2:20] not in repr(ring)
    assert base64url(SECRET)[:10] not in repr(ring)


def test_a_key_in_the_environment_counts_before_a_file_and_airflow_s_variables(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(public_pem(OTHER_ED))
    asked: list[str] = []

    def variable(name: str) -> str | None:
        asked.append(name)
        return {"jwt_backend_public_key": public_pem(RSA), "jwt_backend_crypt_algorithm": "RS256"}.get(name)

    environment = {
        "AIRFLEET_CALLER_PUBLIC_KEY": public_pem(ED),
        "AIRFLEET_CALLER_PUBLIC_KEY_FILE": str(file),
        "AIRFLEET_CALLER_ALGORITHM": "EdDSA",
    }
    inline = read_keys(environment, variable)
    from_file = read_keys({**environment, "AIRFLEET_CALLER_PUBLIC_KEY": ""}, variable)
    assert not asked
    from_variables = read_keys({}, variable)
    keys = [ring.find(None) for ring in (inline, from_file, from_variables)]
    assert [key and key.key for key in keys] == [ED.public_key(), OTHER_ED.public_key(), RSA.public_key()]
    assert asked == ["jwt_backend_public_key", "jwt_backend_algorithm", "jwt_backend_crypt_algorithm"]


@pytest.mark.parametrize("name", ["jwt_backend_algorithm", "jwt_backend_crypt_algorithm"])
def test_both_names_of_the_algorithm_are_read(name: str) -> None:
    variables = {"jwt_backend_public_key": public_pem(ED), name: "EdDSA"}
    assert read_keys({}, variables.get).find(None) is not None


@pytest.mark.parametrize(
    ("environment", "reason"),
    [({}, "no key is configured"), ({"AIRFLEET_CALLER_PUBLIC_KEY_FILE": "/no/such/file"}, "cannot be read")],
)
def test_a_missing_key_is_said(environment: dict[str, str], reason: str) -> None:
    with pytest.raises(KeysUnusableError, match=reason):
        read_keys(environment, lambda _name: None)


def test_keys_are_read_once_in_half_a_minute_and_failures_sooner_again() -> None:
    clock = Clock()
    good = parse_keys(public_pem(ED), "EdDSA")
    outcomes: list[KeyRing | Exception] = [good, KeysUnusableError("gone"), RuntimeError("secret text"), good]
    read: list[float] = []

    def load() -> KeyRing:
        read.append(clock.now)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    source = KeySource(load, clock)
    for _ in range(100):
        assert source.get() is good
    clock.now += KEY_SECONDS
    for _ in range(3):
        with pytest.raises(KeysUnusableError, match="gone"):
            source.get()
    clock.now += FAILURE_SECONDS
    with pytest.raises(KeysUnusableError, match="cannot be read: RuntimeError") as refusal:
        source.get()
    assert "secret" not in str(refusal.value)
    clock.now += FAILURE_SECONDS
    assert source.get() is good
    assert read == [100.0, 130.0, 135.0, 140.0]


def test_a_user_is_looked_up_every_few_seconds_so_that_a_deactivated_one_is_noticed() -> None:
    clock = Clock()
    active = {"fleet", "reader"}
    asked: list[str] = []

    def load(name: str) -> str:
        asked.append(name)
        if name not in active:
            raise UserUnusableError(f"the user {name!r} is deactivated")
        return name.upper()

    users = Users(("fleet", "reader"), load, clock)
    assert [users.find(name) for name in (None, "fleet", "reader")] == ["FLEET", "FLEET", "READER"]
    active.remove("fleet")
    assert users.find(None) == "FLEET"
    clock.now += USER_SECONDS
    for _ in range(2):
        with pytest.raises(UserUnusableError, match="deactivated"):
            users.find(None)
    assert users.find("reader") == "READER"
    active.add("fleet")
    clock.now += USER_SECONDS
    assert users.find(None) == "FLEET"
    assert asked == ["fleet", "reader", "fleet", "reader", "fleet"]


def test_a_token_is_remembered_until_it_is_over_and_the_memory_is_bounded() -> None:
    used = UsedTokens(capacity=3)
    assert used.admit("a", until=10, now=0)
    assert used.admit("b", until=20, now=0)
    assert not used.admit("a", until=10, now=10)
    assert used.admit("c", until=30, now=10)
    # Full: what is not remembered could come again.
    assert not used.admit("d", until=40, now=10)
    assert used.admit("d", until=40, now=11)
    assert not used.admit("b", until=20, now=11)
