"""What a task makes of Airflow's words before a step begins."""

from airfleet.runtime.airflow_task import run_folder, run_params
from airfleet.runtime.context import Connection
from airfleet.runtime.secret_values import SecretValues


def test_what_airfleet_sends_wins_over_the_form_and_the_form_over_defaults() -> None:
    defaults = {"least": 1, "most": 2, "kind": "a"}
    conf = {"least": 5, "most": 6, "stranger": 7, "params": {"least": 9}, "pipeline_id": "p", "trigger_type": "manual"}
    assert run_params(defaults, conf) == {"least": 9, "most": 6, "kind": "a"}
    assert run_params(defaults, None) == defaults
    assert run_params({"params": 1, "pipeline_id": 2}, {"params": {}, "pipeline_id": "p"}) == {
        "params": 1,
        "pipeline_id": 2,
    }


def test_two_runs_never_share_a_folder() -> None:
    names = ["a:b", "a_b", "a+b", "..", ".hidden", "x" * 250, "x" * 249, "plain-1.2"]
    folders = {run_folder("/runs/", "dag", name) for name in names}
    assert len(folders) == len(names)
    assert all(folder.startswith("/runs/dag/") and "/." not in folder for folder in folders)
    assert run_folder("s3://b/p", "dag", "plain-1.2") == "s3://b/p/dag/plain-1.2"


def test_no_secret_gets_through() -> None:
    secrets = SecretValues()
    secrets.add(Connection("http", password="long-secret", extra={"deep": {"token": ["other-token"]}, "port": 1}))
    assert secrets.hide("a long-secret and other-token") == "a *** and ***"
