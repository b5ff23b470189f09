#!/usr/bin/env python3
"""Reports a run, or one of its tasks, to Airfleet: a sender of one's own, where Airflow's plugin is not wanted.

It reads what `airfleet reports connect INSTANCE` prints:

    pip install pyjwt cryptography
    export AIRFLEET_URL=… AIRFLEET_INSTANCE=… AIRFLEET_REPORT_KEY_FILE=… AIRFLEET_REPORT_KEY_ID=…
    python send_report.py --dag orders --run manual__1 --state running
    python send_report.py --dag orders --run manual__1 --task load --state success --try 2
"""

# ruff: noqa: S310, T201

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jwt

CLOCK_IS_WRONG = {"REPORT_TOKEN_EXPIRED", "REPORT_TOKEN_NOT_YET_VALID"}


def parse_arguments() -> argparse.Namespace:
    """What to report."""
    parser = argparse.ArgumentParser(description="Report a run or a task to Airfleet")
    parser.add_argument("--dag", required=True, help="DAG id")
    parser.add_argument("--run", required=True, help="run id")
    parser.add_argument(
        "--state", required=True, help="queued, running, success, failed; of a task also up_for_retry, …"
    )
    parser.add_argument("--task", help="task id; without it the report is about the run")
    parser.add_argument("--try", dest="try_number", type=int, default=1, help="which try of the task")
    parser.add_argument("--progress", type=float, help="percent of the run")
    parser.add_argument("--event-id", default=str(uuid.uuid4()), help="the same at each delivery of the same report")
    return parser.parse_args()


def compose(arguments: argparse.Namespace) -> dict[str, Any]:
    """The report: docs/reference/report.schema.json."""
    report: dict[str, Any] = {
        "version": 1,
        "event_id": arguments.event_id,
        "instance": os.environ["AIRFLEET_INSTANCE"],
        "dag_id": arguments.dag,
        "dag_run_id": arguments.run,
        "sent_at": datetime.now(timezone.utc).isoformat(),
    }
    if arguments.task is None:
        report["run"] = {"state": arguments.state}
    else:
        report["task"] = {"task_id": arguments.task, "state": arguments.state, "try_number": arguments.try_number}
    if arguments.progress is not None:
        report["progress"] = {"percent": arguments.progress}
    return report


def sign(body: bytes, now: float) -> str:
    """A token for these bytes and no others, good for a minute."""
    algorithm = os.environ.get("AIRFLEET_REPORT_ALGORITHM", "ES256")
    key: bytes = Path(os.environ["AIRFLEET_REPORT_KEY_FILE"]).read_bytes().strip()
    if algorithm.startswith("HS"):
        key = base64.urlsafe_b64decode(key + b"==")
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    claims = {
        "iss": os.environ["AIRFLEET_INSTANCE"],
        "aud": "airfleet",
        "iat": int(now),
        "exp": int(now) + 60,
        "jti": str(uuid.uuid4()),
        "body_sha256": digest,
    }
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": os.environ["AIRFLEET_REPORT_KEY_ID"]})


def post(body: bytes, now: float) -> tuple[int, dict[str, Any], float]:
    """Sends it. Answers the status, what was said, and the time at the server."""
    url = f"{os.environ['AIRFLEET_URL'].rstrip('/')}/api/v1/reports"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {sign(body, now)}"}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), now
    except urllib.error.HTTPError as error:
        told = parsedate_to_datetime(error.headers["Date"]).timestamp()
        return error.code, json.load(error), told


def main() -> int:
    """Sends one report, and once more by the server's clock when ours is wrong."""
    # Signed and sent are the same bytes: made once.
    body = json.dumps(compose(parse_arguments())).encode()
    status, said, told = post(body, time.time())
    if said.get("code") in CLOCK_IS_WRONG:
        status, said, _ = post(body, told)
    print(json.dumps(said))
    return 0 if status == 202 and said["rejected"] == 0 else 1  # noqa: PLR2004 (accepted)


if __name__ == "__main__":
    sys.exit(main())
