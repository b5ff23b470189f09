"""The backend as Airflow uses it, in a Flask application with the paths of Airflow's stable API."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from flask import Flask, Response, g, request

from airfleet.airflow import auth_backend
from airfleet.airflow.caller.key_source import KeySource
from airfleet.airflow.caller.keys import KeyRing, KeysUnusableError, parse_keys
from airfleet.airflow.caller.replays import UsedTokens
from airfleet.airflow.caller.users import Users
from tests.airflow.signed_calls import (
    AUDIENCE,
    BODY,
    EC,
    ED,
    OTHER_ED,
    PATH,
    RSA,
    SECRET,
    Signer,
    base64url,
    body_hash,
    claims,
    public_pem,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

signer = Signer()


@dataclass
class User:
    name: str


def _app() -> Flask:
    """What Airflow's `check_authentication` does for each endpoint, twice for those with two decorators."""
    app = Flask("airflow")

    def check() -> bool:
        answer = auth_backend.requires_authentication(Response)()
        return bool(answer.status_code == 200)

    def endpoint(**_ids: str) -> tuple[dict[str, Any], int]:
        if not check() or not check():
            return {"title": "Forbidden"}, 403
        return {"user": g._login_user.name, "body": request.get_data(as_text=True)}, 200

    methods = ["GET", "POST", "PATCH", "DELETE"]
    for path in (
        "/api/v1/dags",
        "/api/v1/dags/<dag_id>",
        "/api/v1/dags/<dag_id>/dagRuns",
        "/api/v1/dags/<dag_id>/dagRuns/<dag_run_id>",
        "/api/v1/variables/<path:variable_key>",
        "/api/experimental/dags/<dag_id>/dag_runs",
    ):
        app.add_url_rule(path, endpoint=path, view_func=endpoint, methods=methods)
    return app


@dataclass
class Airflow:
    """A web server with the backend in it."""

    app: Flask
    log: pytest.LogCaptureFixture

    def call(
        self,
        token: str | None,
        *,
        method: str = "POST",
        path: str = PATH,
        body: bytes = BODY,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.app.test_client().open(path, method=method, data=body, headers={**authorization, **(headers or {})})

    def refusal(self, token: str | None, **call: Any) -> str:
        """The reason in the log of a call that must be refused. Its answer must not hold it."""
        self.log.clear()
        answer = self.call(token, **call)
        assert (answer.status_code, answer.get_json()) == (403, {"title": "Forbidden"})
        assert "WWW-Authenticate" not in answer.headers
        text = self.log.text
        if token:
            assert token not in text
        return text


@pytest.fixture(name="configure")
def _configure(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Callable[..., Airflow]:
    caplog.set_level(logging.INFO)

    def configure(
        keys: KeyRing | str | None = None,
        *,
        algorithm: str = "EdDSA",
        audience: str | None = AUDIENCE,
        users: tuple[str, ...] = ("fleet", "reader"),
    ) -> Airflow:
        ring = parse_keys(public_pem(ED), "EdDSA") if keys is None else keys
        ring = parse_keys(ring, algorithm) if isinstance(ring, str) else ring
        backend = auth_backend.Backend(
            audience=audience,
            keys=KeySource(lambda: ring),
            users=Users(users, load=User),
            used=UsedTokens(),
        )
        monkeypatch.setattr(auth_backend, "_backend", backend)
        return Airflow(_app(), caplog)

    return configure


@pytest.fixture(name="airflow")
def _airflow(configure: Callable[..., Airflow]) -> Airflow:
    return configure()


@pytest.mark.parametrize(
    ("algorithm", "key", "verify_with"),
    [
        ("RS256", RSA, public_pem(RSA)),
        ("ES256", EC, public_pem(EC)),
        ("EdDSA", ED, public_pem(ED)),
        ("HS256", SECRET[:32], base64url(SECRET[:32])),
        ("HS512", SECRET, base64url(SECRET)),
    ],
)
def test_a_call_signed_with_the_configured_key_is_let_in_as_the_configured_user(
    configure: Callable[..., Airflow], algorithm: str, key: Any, verify_with: str
) -> None:
    airflow = configure(verify_with, algorithm=algorithm)
    token = Signer(key=key, algorithm=algorithm).sign()
    answer = airflow.call(token)
    assert answer.get_json() == {"user": "fleet", "body": BODY.decode()}
    assert "Set-Cookie" not in answer.headers


def test_a_token_may_choose_among_the_configured_users_and_no_other(airflow: Airflow) -> None:
    assert airflow.call(signer.sign(claims(sub="reader"))).get_json()["user"] == "reader"
    assert "'admin' is none of AIRFLEET_CALLER_USER" in airflow.refusal(signer.sign(claims(sub="admin")))


def _tampered(token: str, **changes: Any) -> str:
    """The token with other claims under its old signature."""
    header, body, signature = token.split(".")
    written = jwt.decode(token, options={"verify_signature": False})
    del body
    return ".".join((header, base64url(json.dumps({**written, **changes}).encode()), signature))


def _unsigned(algorithm: str) -> str:
    return ".".join(
        (base64url(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()), base64url(json.dumps(claims()).encode()), "")
    )


def _confused() -> str:
    """Signed with the public key as if it were a shared secret."""
    import hashlib
    import hmac

    head = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    text = f"{head}.{base64url(json.dumps(claims()).encode())}"
    return f"{text}.{base64url(hmac.digest(public_pem(ED).encode(), text.encode(), hashlib.sha256))}"


def now() -> int:
    """The time of the test, and not of its collection: tokens do not live long."""
    return int(claims()["iat"])


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(lambda: _unsigned("none"), "InvalidAlgorithmError", id="no signature"),
        pytest.param(lambda: _unsigned("None"), "InvalidAlgorithmError", id="no signature, in capitals"),
        pytest.param(lambda: _unsigned("EdDSA"), "InvalidSignatureError", id="an empty signature"),
        pytest.param(_confused, "InvalidAlgorithmError", id="public key as secret"),
        pytest.param(lambda: Signer(key=OTHER_ED).sign(), "InvalidSignatureError", id="somebody else's key"),
        pytest.param(
            lambda: Signer(key=RSA, algorithm="RS256").sign(), "InvalidAlgorithmError", id="another algorithm"
        ),
        pytest.param(
            lambda: Signer(key=OTHER_ED).sign(jwk={"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes(32))}),
            "InvalidSignatureError",
            id="a key that the token brings along",
        ),
        pytest.param(
            lambda: Signer(key=OTHER_ED).sign(jku="http://127.0.0.1:9/keys"),
            "InvalidSignatureError",
            id="an address of keys",
        ),
        pytest.param(lambda: _tampered(signer.sign(), path="/api/v1/dags"), "InvalidSignatureError", id="other claims"),
        pytest.param(lambda: signer.sign(typ="at+jwt"), "its header is not one of ours", id="another type of token"),
        pytest.param(lambda: signer.sign(crit=["exp"]), "it is no token", id="an extension"),
        pytest.param(lambda: signer.sign(claims(iss="somebody")), "InvalidIssuerError", id="another issuer"),
        pytest.param(lambda: signer.sign(claims(aud="eu-2")), "InvalidAudienceError", id="another instance"),
        pytest.param(lambda: signer.sign(claims(aud=[AUDIENCE, "eu-2"])), "InvalidAudienceError", id="many instances"),
        pytest.param(
            lambda: signer.sign(claims(iat=now() - 75, exp=now() - 15)), "ExpiredSignatureError", id="expired"
        ),
        pytest.param(
            lambda: signer.sign(claims(iat=now() + 30, exp=now() + 80)), "ImmatureSignatureError", id="of the future"
        ),
        pytest.param(lambda: signer.sign(claims(exp=now() + 90)), "longer than 60 s", id="good for too long"),
        pytest.param(
            lambda: signer.sign(claims(iat=now() + 5, exp=now() + 5)), "longer than 60 s", id="good for no time"
        ),
        pytest.param(lambda: signer.sign(claims(exp=str(now() + 60))), "no whole numbers", id="a time that is text"),
        pytest.param(lambda: signer.sign(claims(exp=float("inf"))), "OverflowError", id="a time without end"),
        pytest.param(lambda: signer.sign(claims(sub=["fleet"])), "InvalidSubjectError", id="users that are a list"),
        pytest.param(lambda: signer.sign(claims(jti="x" * 201)), "jti is no usable id", id="an endless id"),
        pytest.param(lambda: signer.sign(claims(method="GET")), "for another method", id="another method"),
        pytest.param(lambda: signer.sign(claims(path=f"{PATH}/r1")), "for another path", id="another path"),
        pytest.param(lambda: signer.sign(claims(path=f"{PATH}?limit=1")), "for another query", id="another query"),
        pytest.param(lambda: signer.sign(claims(path=["a"])), "its path is no text", id="a path that is none"),
        pytest.param(lambda: signer.sign(claims(dag_id="other")), "for another DAG", id="another DAG"),
        pytest.param(lambda: signer.sign(claims(dag_id=None)), "for another DAG", id="no DAG"),
        pytest.param(lambda: signer.sign(claims(body_sha256=body_hash(b"{}"))), "for another body", id="another body"),
        pytest.param(lambda: signer.sign(claims(body_sha256=1)), "for another body", id="a hash that is none"),
        pytest.param(lambda: f"{signer.sign()}{'A' * 8000}", "too long", id="endless"),
        *(
            pytest.param(
                lambda name=name: signer.sign(claims(**{name: None})), "MissingRequiredClaimError", id=f"without {name}"
            )
            for name in ("iss", "aud", "iat", "exp", "jti", "method", "path", "body_sha256")
        ),
    ],
)
def test_a_wrong_token_is_refused_and_only_the_log_says_why(
    airflow: Airflow, token: Callable[[], str], reason: str
) -> None:
    assert reason in airflow.refusal(token())
    assert airflow.call(signer.sign()).status_code == 200


@pytest.mark.parametrize("name", ["orders2", "order", "ORDERS", "orders%20"])
def test_a_token_for_one_dag_is_none_for_another(airflow: Airflow, name: str) -> None:
    assert "for another path" in airflow.refusal(signer.sign(), path=f"/api/v1/dags/{name}/dagRuns")


def test_a_body_that_was_changed_on_the_way_is_refused(airflow: Airflow) -> None:
    assert "for another body" in airflow.refusal(signer.sign(), body=BODY.replace(b"r1", b"r2"))
    assert "for another body" in airflow.refusal(signer.sign(), body=b"")


def test_a_call_without_a_token_of_ours_is_left_to_the_next_backend_without_a_word(airflow: Airflow) -> None:
    assert not airflow.refusal(None)
    for header in ("", "Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer opaque", "Bearer a.b", "Negotiate eyJ.a.b"):
        assert not airflow.refusal(None, headers={"Authorization": header})


@pytest.mark.parametrize(
    "garbage",
    ["eyJ..", "eyJ.eyJ.x", "eyJ\u00ff.a.b".encode().decode("latin-1"), f"eyJ{'b' * 6000}.a.b"],
)
def test_garbage_is_refused(airflow: Airflow, garbage: str) -> None:
    assert "is no token" in airflow.refusal(garbage)


def test_a_header_nested_without_end_is_refused(airflow: Airflow) -> None:
    head = base64url(b'{"a":' + b"[" * 5_000)
    assert "is no token" in airflow.refusal(f"{head}.e30.AA")


def test_no_single_changed_character_of_a_token_is_let_in(airflow: Airflow) -> None:
    token = signer.sign(claims(method="GET", path="/api/v1/dags/orders", body_sha256=body_hash(b"")))
    assert airflow.call(token, method="GET", path="/api/v1/dags/orders", body=b"").status_code == 200
    for place in range(len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = airflow.call(changed, method="GET", path="/api/v1/dags/orders", body=b"")
        assert answer.status_code == 403, f"with another character at {place}"


def test_a_token_writes_once_and_reads_as_often_as_its_minute_allows(airflow: Airflow) -> None:
    writing = signer.sign()
    assert airflow.call(writing).status_code == 200
    assert "it was used before" in airflow.refusal(writing)
    reading = signer.sign(claims(method="GET", body_sha256=body_hash(b"")))
    assert [airflow.call(reading, method="GET", body=b"").status_code for _ in range(2)] == [200, 200]


def test_a_refused_call_does_not_use_its_token_up(airflow: Airflow) -> None:
    token = signer.sign()
    assert "for another body" in airflow.refusal(token, body=b"{}")
    assert airflow.call(token).status_code == 200


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("/api/v1/dags?limit=1&tags=a%20b", "/api/v1/dags?limit=1&tags=a+b"),
        ("/api/v1/dags?tags=%C3%BC&tags=b", "/api/v1/dags?tags=%c3%bc&tags=%62"),
        ("/api/v1/variables/a%2Fb", "/api/v1/variables/a/b"),
    ],
)
def test_an_address_that_airflow_reads_alike_is_the_same(airflow: Airflow, signed: str, sent: str) -> None:
    token = signer.sign(claims(method="GET", path=signed, dag_id=None, body_sha256=body_hash(b"")))
    assert airflow.call(token, method="GET", path=sent, body=b"").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        "/api/v1/dags",
        "/api/v1/dags?limit=2",
        "/api/v1/dags?limit=1&",
        "/api/v1/dags?limit=1&limit=2",
        "/api/v1/dags?limit=1%262",
        "/api/v1/dags?limit%3D1",
    ],
)
def test_an_address_that_airflow_reads_otherwise_is_another(airflow: Airflow, sent: str) -> None:
    token = signer.sign(claims(method="GET", path="/api/v1/dags?limit=1", dag_id=None, body_sha256=body_hash(b"")))
    assert "for another query" in airflow.refusal(token, method="GET", path=sent, body=b"")


def test_a_web_server_behind_a_prefix_verifies_the_path_below_it(airflow: Airflow) -> None:
    answer = airflow.app.test_client().open(
        PATH,
        base_url="http://airflow.example/eu-1",
        method="POST",
        data=BODY,
        headers={"Authorization": f"Bearer {signer.sign()}"},
    )
    assert answer.status_code == 200


def test_the_experimental_api_is_closed_since_it_knows_no_permissions(airflow: Airflow) -> None:
    path = "/api/experimental/dags/orders/dag_runs"
    assert "only the stable API" in airflow.refusal(signer.sign(claims(path=path)), path=path)


def test_of_several_keys_the_named_one_counts(configure: Callable[..., Airflow]) -> None:
    keys = {"old": public_pem(OTHER_ED), "new": public_pem(ED)}
    airflow = configure(json.dumps(keys))
    assert airflow.call(signer.sign(kid="new")).status_code == 200
    assert airflow.call(Signer(key=OTHER_ED).sign(kid="old")).status_code == 200
    assert "InvalidSignatureError" in airflow.refusal(signer.sign(kid="old"))
    assert "key 'next' is not known" in airflow.refusal(signer.sign(kid="next"))
    assert "key 'None' is not known" in airflow.refusal(signer.sign())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"audience": None}, "AIRFLEET_CALLER_AUDIENCE is not set"),
        ({"users": ()}, "AIRFLEET_CALLER_USER is not set"),
    ],
)
def test_what_is_not_configured_lets_nobody_in(
    configure: Callable[..., Airflow], settings: dict[str, Any], reason: str
) -> None:
    assert reason in configure(**settings).refusal(signer.sign())


def test_without_usable_keys_nobody_is_let_in(
    configure: Callable[..., Airflow], monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow = configure()

    def fail() -> KeyRing:
        raise KeysUnusableError("no key is configured")

    backend = auth_backend.Backend(
        audience=AUDIENCE, keys=KeySource(fail), users=Users(("fleet",), load=User), used=UsedTokens()
    )
    monkeypatch.setattr(auth_backend, "_backend", backend)
    assert "no key is configured" in airflow.refusal(signer.sign())


def test_what_is_missing_is_said_when_the_web_server_starts(
    configure: Callable[..., Airflow], monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow = configure(audience=None)
    monkeypatch.delenv("AIRFLEET_CALLER_USER", raising=False)
    auth_backend.init_app(airflow.app)
    assert "AIRFLEET_CALLER_AUDIENCE is not set" in airflow.log.text
    assert "AIRFLEET_CALLER_USER is not set" in airflow.log.text


def test_the_backend_has_the_shape_that_airflow_asks_for() -> None:
    assert auth_backend.CLIENT_AUTH is None
    assert auth_backend.client_auth is None
