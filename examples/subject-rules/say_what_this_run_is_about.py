"""Says from inside a task which objects its run is about. Python's own library is all it needs.

In a task of Airflow:

    add_subjects(context["dag"].dag_id, context["run_id"], [{"type": "finding-aid", "id": "123"}])

Reads AIRFLEET_URL, AIRFLEET_TOKEN (role operator, for this instance) and AIRFLEET_INSTANCE (our name of this Airflow).
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request

AT_ONCE = 10_000
"""As many subjects as one request may carry."""


def run_key(instance: str, dag_id: str, run_id: str) -> str:
    """Airfleet's name of a run: the same on every server, so a task can work it out by itself."""
    place = json.dumps([instance, dag_id, run_id], separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(place.encode()).digest()
    return "run_" + base64.b32encode(digest).decode().rstrip("=").lower()


def add_subjects(dag_id: str, run_id: str, subjects: list[dict[str, str]], patience_s: float = 120) -> int:
    """Adds them and answers how many the run did not have. Safe to repeat: a retried task adds nothing twice."""
    key = run_key(os.environ["AIRFLEET_INSTANCE"], dag_id, run_id)
    url = f"{os.environ['AIRFLEET_URL']}/api/v1/runs/{key}/subjects"
    return sum(_post(url, subjects[at : at + AT_ONCE], patience_s) for at in range(0, len(subjects), AT_ONCE))


def _post(url: str, subjects: list[dict[str, str]], patience_s: float) -> int:
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get("AIRFLEET_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps({"subjects": subjects}).encode(), headers, method="POST")
    until = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(json.load(answer)["added"])
        except urllib.error.HTTPError as error:
            # A run that has just begun may not have been seen yet: the next reading of its instance brings it.
            if error.code not in (404, 429, 503) or time.monotonic() > until:
                raise
        time.sleep(2)


if __name__ == "__main__":
    dag, run, kind, *ids = sys.argv[1:]
    print(add_subjects(dag, run, [{"type": kind, "id": one} for one in ids]))
