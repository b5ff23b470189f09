"""Posting to a receiver of cwl-airflow's reports."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from airfleet.airflow.old.formats import Post, g0_posts, g1_posts, with_event
from airfleet.airflow.old.run_ledger import RunLedger
from airfleet.airflow.sender.delivery import Answer, Delivery
from airfleet.airflow.signing import KeyUnusableError, sign_claims

if TYPE_CHECKING:
    from pathlib import Path

    from airfleet.airflow.old.airflow_reader import AirflowReader
    from airfleet.airflow.sender.target import Target


class OldReceiver:
    """One event at a time, since each may be several posts. Any answer of success is taken for success."""

    def __init__(self, delivery: Delivery, airflow: AirflowReader, directory: Path) -> None:
        self._delivery = delivery
        self._airflow = airflow
        self._ledger = RunLedger(directory)
        self._event_id = ""
        self._left: list[Post] = []

    def post(self, target: Target, content: dict[str, Any]) -> Answer:
        """Sends what the event means in the old format. After a failure the next call goes on with what is left."""
        if content["report"]["event_id"] != self._event_id:
            self._left = self._posts(target, content)
            self._event_id = content["report"]["event_id"]
        while self._left:
            route, payload = self._left[0]
            answer = self._post_one(target, route, payload)
            if answer.outcome != "accepted":
                return answer
            self._left.pop(0)
        return Answer(outcome="accepted", code="")

    def _posts(self, target: Target, content: dict[str, Any]) -> list[Post]:
        report = content["report"]
        self._ledger.note(content)
        snapshot = self._airflow.read_run(report["dag_id"], report["dag_run_id"]) or self._ledger.snapshot(
            report["dag_id"], report["dag_run_id"]
        )
        run = with_event(snapshot, content)
        return g0_posts(content, run) if target.report_format == "g0" else g1_posts(content, run)

    def _post_one(self, target: Target, route: str, payload: dict[str, Any]) -> Answer:
        try:
            signed: object = payload if target.key is None else sign_claims(payload, target.key)
        except KeyUnusableError as error:
            # The original sent it in clear then.
            return Answer(outcome="refused", code="REPORT_KEY_UNUSABLE", detail=str(error))
        headers = {**target.headers, "Content-Type": "application/json"}
        if target.login is not None:
            pair = f"{target.login}:{target.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        body = json.dumps({"payload": signed}, default=str).encode()
        return self._delivery.post(f"{target.base_url}/{route}", body, headers)
