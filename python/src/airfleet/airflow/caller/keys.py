"""Keys that calls are verified with, as operators write them down: one PEM or secret, or several by their ids."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK
from jwt.exceptions import PyJWTError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = ("RS256", "ES256", "EdDSA", "HS256", "HS512")
"""What Airfleet signs with."""

# RFC 7518: an HMAC key is as long as its hash (3.2), an RSA key has 2048 bits or more (3.3).
_SECRET_BYTES = {"HS256": 32, "HS512": 64}
_RSA_BITS = 2048
_PEM_START = "-----BEGIN"


class KeysUnusableError(ValueError):
    """Nothing can be verified with what is configured. The text never holds any of it."""


@dataclass(frozen=True, kw_only=True)
class VerificationKey:
    """One key and the one algorithm it is used with."""

    key: Any = field(repr=False)
    """A public key of `cryptography`, or the bytes of a secret."""
    algorithm: str


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """Either one key without a name, or several that calls choose from by `kid`."""

    unnamed: VerificationKey | None = None
    named: Mapping[str, VerificationKey] = field(default_factory=dict)

    def find(self, key_id: object) -> VerificationKey | None:
        """The key that a call names. One without a name answers to every name: then the signature alone decides."""
        if self.unnamed is not None:
            return self.unnamed
        return self.named.get(key_id) if isinstance(key_id, str) else None


def _secret(text: str, algorithm: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+={0,2}", text):
        raise KeysUnusableError(f"the secret for {algorithm} is not base64url")
    try:
        secret = base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error as error:
        raise KeysUnusableError(f"the secret for {algorithm} is not base64url") from error
    if len(secret) < _SECRET_BYTES[algorithm]:
        raise KeysUnusableError(
            f"the secret for {algorithm} has {len(secret)} bytes, and needs {_SECRET_BYTES[algorithm]}"
        )
    return secret


def _fitting(key: object, algorithm: str) -> object:
    """The key, if it is a public one of the kind that its algorithm needs."""
    if isinstance(key, rsa.RSAPublicKey) and algorithm == "RS256":
        if key.key_size < _RSA_BITS:
            raise KeysUnusableError(f"the RSA key has {key.key_size} bits, and needs {_RSA_BITS}")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and algorithm == "ES256" and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, ed25519.Ed25519PublicKey) and algorithm == "EdDSA":
        return key
    raise KeysUnusableError(f"a key of type {type(key).__name__.lstrip('_')} is not for {algorithm}")


def _parse_text(text: str, algorithm: str) -> VerificationKey:
    if algorithm not in ALGORITHMS:
        raise KeysUnusableError(f"the algorithm {algorithm[:20]!r} is none of {', '.join(ALGORITHMS)}")
    text = text.strip()
    if algorithm in _SECRET_BYTES:
        # A public key taken for a secret would let everybody sign who can read it.
        return VerificationKey(key=_secret(text, algorithm), algorithm=algorithm)
    if "PRIVATE KEY" in text:
        raise KeysUnusableError("it is a private key: Airflow needs the public one alone")
    # Environment files often keep a PEM on one line.
    pem = text.replace("\\n", "\n") if "\n" not in text else text
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeysUnusableError(f"the key for {algorithm} is no public key in PEM") from error
    return VerificationKey(key=_fitting(key, algorithm), algorithm=algorithm)


def _parse_jwk(jwk: object, algorithm: str | None) -> tuple[str, VerificationKey]:
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        raise KeysUnusableError("a key of the set has no kid")
    key_id = jwk["kid"]
    chosen = jwk.get("alg", algorithm)
    if chosen not in ALGORITHMS:
        raise KeysUnusableError(f"the key {key_id!r} has no alg of {', '.join(ALGORITHMS)}")
    if jwk.get("use", "sig") != "sig":
        raise KeysUnusableError(f"the key {key_id!r} is not for signatures")
    if jwk.get("kty") == "oct":
        if chosen not in _SECRET_BYTES:
            raise KeysUnusableError(f"the key {key_id!r} is a secret, which is not for {chosen}")
        return key_id, _parse_text(str(jwk.get("k")), chosen)
    if chosen in _SECRET_BYTES:
        raise KeysUnusableError(f"the key {key_id!r} is public, which is not for {chosen}")
    if "d" in jwk:
        raise KeysUnusableError(f"the key {key_id!r} is a private key: Airflow needs the public one alone")
    try:
        key = PyJWK(jwk, algorithm=chosen).key
    except (PyJWTError, ValueError) as error:
        raise KeysUnusableError(f"the key {key_id!r} is no JSON Web Key for {chosen}") from error
    return key_id, VerificationKey(key=_fitting(key, chosen), algorithm=chosen)


def parse_keys(text: str, algorithm: str | None) -> KeyRing:
    """Keys in one of three forms.

    A PEM or a base64url secret; `{"<kid>": "<PEM or secret>", …}`; or a JSON Web Key Set, whose keys may name their own
    `alg`. Every algorithm comes from here, never from what is to be verified. Raises `KeysUnusableError`.
    """
    algorithm = (algorithm or "").strip() or None
    if not text.strip().startswith("{"):
        if algorithm is None:
            raise KeysUnusableError(f"no algorithm is configured: one of {', '.join(ALGORITHMS)}")
        return KeyRing(unnamed=_parse_text(text, algorithm))
    try:
        written = json.loads(text)
    except ValueError as error:
        raise KeysUnusableError("it begins as JSON and is none") from error
    if isinstance(written.get("keys"), list):
        named = dict(_parse_jwk(jwk, algorithm) for jwk in written["keys"])
        if len(named) != len(written["keys"]):
            raise KeysUnusableError("two keys of the set have the same kid")
    else:
        if algorithm is None:
            raise KeysUnusableError(f"no algorithm is configured: one of {', '.join(ALGORITHMS)}")
        named = {key_id: _parse_text(str(key), algorithm) for key_id, key in written.items()}
    if not named:
        raise KeysUnusableError("the set has no keys")
    return KeyRing(named=named)
