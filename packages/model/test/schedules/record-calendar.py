"""Prints what this Airflow makes of cron expressions: instants as JSON, for the cases that come on standard input."""

import json
import sys
from datetime import datetime

import pendulum
from airflow.timetables.interval import CronDataIntervalTimetable


def _walk(step, start, count):
    at, found = start, []
    for _ in range(count):
        at = step(at)
        found.append(at.isoformat().replace("+00:00", "Z"))
    return found


def _record(case):
    timetable = CronDataIntervalTimetable(case["cron"], case["time_zone"])
    start = pendulum.instance(datetime.fromisoformat(case["from"]))
    count = case["count"]
    return {
        "next": _walk(timetable._get_next, start, count),
        "previous": _walk(timetable._get_prev, start, count),
        "align_next": timetable._align_to_next(start).isoformat().replace("+00:00", "Z"),
        "align_previous": timetable._align_to_prev(start).isoformat().replace("+00:00", "Z"),
    }


print(json.dumps([_record(case) for case in json.load(sys.stdin)]))
