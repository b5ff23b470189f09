"""What a hook costs a task: each is called with a receiver that takes connections and never answers.

Prints JSON: milliseconds of every call, by who calls. `scheduler`: one long process. `task`: a forked process for each,
as Airflow's executors run tasks, whose first hook opens its file. `posting`: the hook posts by itself and gives up after
a second, as a callback with a timeout does.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
import types
import urllib.request

COUNT = int(sys.argv[1])


def task_instance(number: int) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        dag_id="bench",
        run_id="run_1",
        task_id=f"task_{number}",
        map_index=-1,
        try_number=1,
        state="success",
        start_date=None,
        end_date=None,
        hostname="host",
        pid=os.getpid(),
    )


def timed(number: int) -> list[float]:
    """Both hooks of a task."""
    from airfleet.airflow import listener

    taken = []
    for hook in (listener.on_task_instance_running, listener.on_task_instance_success):
        began = time.perf_counter()
        hook(task_instance=task_instance(number))
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def in_fork(number: int) -> list[float]:
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write_end, json.dumps(timed(number)).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    answer = os.read(read_end, 4096)
    os.close(read_end)
    os.waitpid(pid, 0)
    return list(json.loads(answer))


def posting(url: str) -> float:
    began = time.perf_counter()
    with contextlib.suppress(OSError):
        urllib.request.urlopen(urllib.request.Request(url, data=b"{}"), timeout=1)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    hole = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{hole.getsockname()[1]}"
    os.environ["AIRFLEET_URL"] = url
    import airfleet.airflow.listener  # noqa: F401 (Airflow has imported it before it forks)

    task = [ms for number in range(COUNT // 2) for ms in in_fork(number)]
    scheduler = [ms for number in range(COUNT // 2) for ms in timed(number)]
    print(json.dumps({"task": task, "scheduler": scheduler, "posting": [posting(url) for _ in range(3)]}))


main()
