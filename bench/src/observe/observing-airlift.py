"""dagster-airlift's own sensor, one tick over everything that finished.

Says that it is ready, takes URL, user, password and the number of DAGs as one line of stdin, and answers one JSON line:
milliseconds of the tick and the runs that it saw. Building the definitions comes before and is not counted.
"""

import json
import logging
import sys
import time
import warnings

from dagster import (
    AssetMaterialization,
    AssetSpec,
    DagsterInstance,
    Definitions,
    build_sensor_context,
)
from dagster_airlift.core import (
    AirflowBasicAuthBackend,
    AirflowInstance,
    assets_with_task_mappings,
    build_defs_from_airflow_instance,
)

TASKS = ("t0", "t1", "t2", "t3")

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
print("ready", flush=True)
url, username, password, dags = sys.stdin.readline().split()

backend = AirflowBasicAuthBackend(webserver_url=url, username=username, password=password)
airflow = AirflowInstance(auth_backend=backend, name="observed")
assets = []
for number in range(int(dags)):
    dag_id = f"etl_orders_{number:03d}"
    mappings = {task: [AssetSpec(key=[dag_id, task])] for task in TASKS}
    assets += assets_with_task_mappings(dag_id=dag_id, task_mappings=mappings)
definitions = build_defs_from_airflow_instance(airflow_instance=airflow, defs=Definitions(assets=assets))
repository = definitions.get_repository_def()
sensor = next(iter(definitions.sensors))

print("built", flush=True)
sys.stdin.readline()
with DagsterInstance.ephemeral() as instance:
    context = build_sensor_context(instance=instance, repository_def=repository)
    began = time.perf_counter()
    cpu = time.process_time()
    result = sensor(context)
    took = (time.perf_counter() - began) * 1000
    used = (time.process_time() - cpu) * 1000


def run_id(event: AssetMaterialization) -> str:
    value = event.metadata["Airflow Run ID"]
    return str(getattr(value, "value", value))


tasks = [event for event in result.asset_events if event.asset_key.path[-1] in TASKS]
runs = {(event.asset_key.path[-2], run_id(event)) for event in tasks}
print(json.dumps({"ms": took, "cpuMs": used, "runs": len(runs), "tasks": len(tasks)}), flush=True)
