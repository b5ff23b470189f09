"""Notes how long all listeners together took for each event of a process: one JSON line per call.

The file is named by HOOK_TIMING_FILE. A wrapper runs around every other implementation of its hook.
"""

import json
import os
import time

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


def measure(event):
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        took_ms = (time.perf_counter() - began) * 1000
        line = json.dumps({"event": event, "pid": os.getpid(), "took_ms": took_ms}) + "\n"
        with open(os.environ["HOOK_TIMING_FILE"], "a", encoding="utf-8") as file:
            file.write(line)


class HookTiming:
    @hookimpl(wrapper=True)
    def on_task_instance_running(self):
        return (yield from measure("on_task_instance_running"))

    @hookimpl(wrapper=True)
    def on_task_instance_success(self):
        return (yield from measure("on_task_instance_success"))

    @hookimpl(wrapper=True)
    def on_task_instance_failed(self):
        return (yield from measure("on_task_instance_failed"))

    @hookimpl(wrapper=True)
    def on_dag_run_running(self):
        return (yield from measure("on_dag_run_running"))

    @hookimpl(wrapper=True)
    def on_dag_run_success(self):
        return (yield from measure("on_dag_run_success"))

    @hookimpl(wrapper=True)
    def on_dag_run_failed(self):
        return (yield from measure("on_dag_run_failed"))


class HookTimingPlugin(AirflowPlugin):
    name = "hook_timing"
    listeners = [HookTiming()]
