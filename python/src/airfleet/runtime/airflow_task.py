"""A step in the process of an Airflow task."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .airflow_connection import find_connection
from .context import StepContext
from .errors import StepError, StepRefused
from .reference import Reference
from .run_step import run_step
from .secret_values import SecretValues
from .storage.clean import USUAL_HOURS, clean_now_and_then

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OURS = frozenset({"pipeline_id", "execution_id", "params", "trigger_type"})
"""Keys of the conf of runs that Airfleet asks for. No parameter is meant by them."""

_ARTIFACT = re.compile(r"artifact `([0-9a-f]{64})`")
_log = logging.getLogger("airflow.task")


def run_task(step: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Carries out a step with what the tasks before it have left, and answers what is to be its XCom."""
    artifact = _ARTIFACT.search(context["dag"].doc_md or "")
    # Proof of what ran: a scheduler may have started a file that was newer, or older, than the one that it had read.
    _log.info("airfleet: artifact %s step %s", artifact[1] if artifact else "unknown", step["id"])
    secrets = SecretValues()
    try:
        job = _step_context(context, secrets)
        result = run_step(step, _inputs(step, context), job)
    except StepRefused as error:
        raise _fail_for_good(secrets.hide(str(error))) from None
    except StepError as error:
        raise StepError(secrets.hide(str(error))) from None
    _log.info(
        "airfleet: step %s took %.3f s, %d rows in, %d rows out",
        step["id"],
        result.seconds,
        result.rows_in,
        result.rows_out,
    )
    if not step["inputs"]:
        hours = float(os.environ.get("AIRFLEET_RUNS_KEEP_HOURS", USUAL_HOURS))
        clean_now_and_then(str(Path(job.run_folder).parent), hours, _log.info)
    return result.to_json()


def _inputs(step: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Reference]:
    inputs: dict[str, Reference] = {}
    may_lack = step.get("needs") == "any"
    skipped = _skipped(sorted({wanted["step"] for wanted in step["inputs"]}), context) if may_lack else frozenset()
    for wanted in step["inputs"]:
        # What a skipped task has left is of an earlier try of the run.
        result = None if wanted["step"] in skipped else context["ti"].xcom_pull(task_ids=wanted["step"])
        found = (result or {}).get("outputs", {}).get(wanted["output"])
        if found is not None:
            inputs[wanted["name"]] = Reference.from_json(found)
        elif not may_lack:
            raise StepRefused(f'Task "{wanted["step"]}" has left nothing to read. Clear it, and it runs again.')
    return inputs


def _skipped(tasks: Sequence[str], context: Mapping[str, Any]) -> frozenset[str]:
    ti, dag_run = context["ti"], context["dag_run"]
    if hasattr(ti, "get_task_states"):  # Airflow 3
        states = ti.get_task_states(dag_id=dag_run.dag_id, task_ids=list(tasks), run_ids=[dag_run.run_id])
        found = states.get(dag_run.run_id, {})
    else:
        found = {each.task_id: each.state for each in dag_run.get_task_instances() if each.task_id in tasks}
    return frozenset(task for task, state in found.items() if state == "skipped")


def run_params(defaults: Mapping[str, Any], conf: Mapping[str, Any] | None) -> dict[str, Any]:
    """A run's parameters: defaults, then what people fill into Airflow's own form, then what Airfleet asks for."""
    given = conf or {}
    form = {name: given[name] for name in defaults if name in given and name not in _OURS}
    asked = given.get("params")
    return {**defaults, **form, **(asked if isinstance(asked, dict) else {})}


def _folders(name: str) -> Sequence[Path]:
    return [Path(each) for each in os.environ.get(name, "").split(os.pathsep) if each]


def run_folder(runs: str, dag_id: str, run_id: str) -> str:
    """The folder of a run. A run id may hold signs that no file system wants: it is told apart by its hash then."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in run_id)[:150]
    if plain != run_id or plain.startswith("."):
        plain = f"{plain.lstrip('.')}-{hashlib.sha256(run_id.encode()).hexdigest()[:12]}"
    return f"{runs.rstrip('/')}/{dag_id}/{plain}"


def _step_context(context: Mapping[str, Any], secrets: SecretValues) -> StepContext:
    runs = os.environ.get("AIRFLEET_RUNS_FOLDER")
    if not runs:
        raise StepRefused(
            "AIRFLEET_RUNS_FOLDER is not set on this worker: a folder that all workers share, or s3://bucket/prefix, "
            "for rows between tasks."
        )
    dag_run = context["dag_run"]
    folder = run_folder(runs, dag_run.dag_id, dag_run.run_id)
    if not runs.startswith("s3://"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    return StepContext(
        run_folder=folder,
        params=run_params(context["dag"].params.dump(), dag_run.conf),
        roots=_folders("AIRFLEET_DATA_ROOTS"),
        network_allow=[each for each in re.split(r"[,\s]+", os.environ.get("AIRFLEET_NETWORK_ALLOW", "")) if each],
        connection=lambda connection_id: find_connection(connection_id, secrets),
        log=lambda line: _log.info("%s", secrets.hide(line)),
        threads=int(os.environ.get("AIRFLEET_STEP_THREADS", "2")),
        memory=os.environ.get("AIRFLEET_STEP_MEMORY", "1GB"),
        runs_connection=os.environ.get("AIRFLEET_RUNS_CONNECTION") or None,
    )


def _fail_for_good(message: str) -> Exception:
    """Airflow's own word for: do not try again."""
    try:
        from airflow.sdk.exceptions import AirflowFailException  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.exceptions import AirflowFailException  # noqa: PLC0415 - Airflow 2
    failure: Exception = AirflowFailException(message)
    return failure
