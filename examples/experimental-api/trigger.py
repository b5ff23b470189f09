#!/usr/bin/env python3
"""Starts a run through the experimental API, with a signed body.

The options are those of cwl-airflow-parser's trigger.py; the key is read from a file instead of from the source.

    pip install pyjwt cryptography
    python trigger.py -d DAG_ID -r RUN_ID -c '{"job": {"output_folder": "/your/output/folder"}}' -k private.pem
"""

# ruff: noqa: S310, T201

from __future__ import annotations

import argparse
import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import jwt


def parse_arguments() -> argparse.Namespace:
    """The options of the original, and those of the key."""
    parser = argparse.ArgumentParser(description="Start a run of a DAG with a signed request")
    parser.add_argument("-d", "--dag", required=True, help="DAG id")
    parser.add_argument("-r", "--run", required=True, help="run id")
    parser.add_argument("-c", "--conf", required=True, help="conf of the run: a JSON object as text")
    parser.add_argument("-a", "--alg", default="RS256", help="RS256, ES256, EdDSA, HS256 or HS512")
    parser.add_argument("-u", "--url", default="http://localhost:3000", help="Airfleet, or a base path of an instance")
    parser.add_argument("-k", "--key", type=Path, help="file with the private key or the secret; unsigned without it")
    parser.add_argument("--key-id", help="which of several keys it is")
    parser.add_argument("--field", choices=["check_payload", "token"], default="check_payload")
    parser.add_argument(
        "--unnamed", action="store_true", help="sign run_id and conf only, as the original; the key must allow replay"
    )
    return parser.parse_args()


def read_key(arguments: argparse.Namespace) -> bytes:
    """A private key is PEM; a shared secret is base64url, as Airfleet keeps it."""
    content: bytes = arguments.key.read_bytes().strip()
    return base64.urlsafe_b64decode(content + b"==") if arguments.alg.startswith("HS") else content


def compose(arguments: argparse.Namespace) -> dict[str, str]:
    """The body: run id and conf, and what signs them together with the DAG that they are for."""
    body = {"run_id": arguments.run, "conf": arguments.conf}
    if arguments.key is None:
        return body
    claims = body if arguments.unnamed else {**body, "dag_id": arguments.dag}
    headers = {} if arguments.key_id is None else {"kid": arguments.key_id}
    return {**body, arguments.field: jwt.encode(claims, read_key(arguments), algorithm=arguments.alg, headers=headers)}


def main() -> int:
    """Sends the request and prints what is answered."""
    arguments = parse_arguments()
    url = f"{arguments.url.rstrip('/')}/api/experimental/dags/{quote(arguments.dag, safe='')}/dag_runs"
    request = urllib.request.Request(
        url,
        data=json.dumps(compose(arguments)).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            print(answer.read().decode())
            return 0
    except urllib.error.HTTPError as refused:
        print(refused.read().decode())
        return 1


if __name__ == "__main__":
    sys.exit(main())
