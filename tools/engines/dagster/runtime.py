"""What the test jobs need of the runtime: the guard, the conf, child processes that end with their run."""

import os
import signal
import subprocess

import dagster as dg

RUNTIME_TAG = "airfleet/runtime"
LAUNCH_TAG = "airfleet/launch_id"

# The conf of a run; jobs with the tag above get it in this resource.
conf_resource = dg.resource(config_schema={"conf": dg.Field(dg.Permissive(), default_value={}, is_required=False)})(
    lambda context: dict(context.resource_config["conf"])
)


def guard(context):
    """Dagster takes the same launch twice: of those with one launch id only the oldest may work."""
    run = context.run
    launch_id = run.tags.get(LAUNCH_TAG)
    if launch_id is None:
        return
    twins = context.instance.get_run_records(dg.RunsFilter(job_name=run.job_name, tags={LAUNCH_TAG: launch_id}))
    # A re-execution is wanted, whoever asked for it: people do in Dagster's own pages, which copy all tags.
    launched = [record for record in twins if record.dagster_run.parent_run_id is None]
    if run.parent_run_id is not None or not launched:
        return
    first = min(launched, key=lambda record: record.storage_id).dagster_run.run_id
    if first != run.run_id:
        raise dg.Failure(
            f"run {first} was launched before with the same launch id",
            metadata={"airfleet/duplicate_of": first},
            allow_retries=False,
        )


def run_command(argv):
    """Runs a command in a session of its own; whatever ends this step ends all of that session."""
    child = subprocess.Popen(argv, start_new_session=True)
    try:
        code = child.wait()
    except BaseException:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        raise
    if code != 0:
        raise dg.Failure(f"the command ended with exit code {code}", allow_retries=True)
