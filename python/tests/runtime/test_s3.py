"""Objects as sources, targets, and places for rows between steps."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from airfleet.runtime.connectors import csv
from airfleet.runtime.context import Connection
from airfleet.runtime.errors import StepRefused
from airfleet.runtime.reference import Reference
from airfleet.runtime.storage.clean import clean_runs
from tests.runtime.bench import Bench
from tests.runtime.object_stores import object_store


@pytest.fixture(scope="module")
def store() -> Iterator[Connection]:
    with object_store() as known:
        client_of(known).create_bucket(Bucket="lake")
        yield known


def client_of(known: Connection) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=known.extra["endpoint_url"],
        aws_access_key_id=known.login,
        aws_secret_access_key=known.password,
        region_name="us-east-1",
    )


@pytest.fixture
def client(store: Connection) -> Iterator[Any]:
    client = client_of(store)
    for found in client.list_objects_v2(Bucket="lake").get("Contents", []):
        client.delete_object(Bucket="lake", Key=found["Key"])
    yield client
    client.close()


@pytest.fixture
def on(bench: Bench, store: Connection) -> Bench:
    bench.with_connection(store)
    return bench


def read(bench: Bench, key: str, kind: str = "csv", **options: Any) -> Reference:
    given = {"bucket": "lake", "key": key, "format": kind, "options": options}
    body = {"kind": "read", "connector": "s3", "connection": "lake", "options": given}
    return bench.step(body).outputs["out"]


def write(bench: Bench, rows: Reference, key: str, kind: str, **options: Any) -> None:
    given = {"bucket": "lake", "key": key, "format": kind, "options": options}
    body = {"kind": "write", "connector": "s3", "mode": "replace", "keys": [], "connection": "lake", "options": given}
    bench.step(body, {"input": rows})


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_what_is_written_is_read_again(on: Bench, client: object, kind: str) -> None:
    rows = on.of_query("select 1 as id, 'été' as name union all select 2, null order by id")
    write(on, rows, f"out/rows.{kind}", kind)
    assert on.rows_of(read(on, f"out/rows.{kind}", kind)) == [(1, "été"), (2, None)]
    assert on.leftovers() == []


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_several_objects_are_read_in_the_order_of_their_keys(on: Bench, client: object, kind: str) -> None:
    for number in (2, 1):
        write(on, on.of_query(f"select {number} as id"), f"in/{number}.{kind}", kind)
    write(on, on.of_query("select 9 as id"), f"other/9.{kind}", kind)
    assert on.rows_of(read(on, f"in/*.{kind}", kind)) == [(1,), (2,)]


def test_what_is_not_there_or_unknown_is_named(on: Bench, client: object) -> None:
    with pytest.raises(StepRefused, match=r"s3://lake/none\.csv"):
        read(on, "none.csv")
    with pytest.raises(StepRefused, match=r'fits "none/\*"'):
        read(on, "none/*")
    with pytest.raises(StepRefused, match='Format csv has no option "separator"'):
        read(on, "none.csv", separator=";")


def test_only_stores_that_are_allowed_are_reached(on: Bench, store: Connection, client: object) -> None:
    on.with_connection(store, ("*.amazonaws.com",))
    for way in (lambda: read(on, "x.csv"), lambda: write(on, on.of_query("select 1 as id"), "x.csv", "csv")):
        with pytest.raises(StepRefused, match=r"network\.allow"):
            way()
    assert client_of(store).list_objects_v2(Bucket="lake")["KeyCount"] == 0


def test_rows_between_steps_lie_in_the_store(on: Bench, store: Connection, client: Any) -> None:
    on.context = dataclasses.replace(on.context, run_folder="s3://lake/runs/p1/r1", runs_connection="runs")
    on.put("orders.csv", "id\n1\n2\n")
    rows = on.read()
    assert rows.uri == "s3://lake/runs/p1/r1/s1/out.parquet"
    kept = on.sql("select * from input where id > 1", rows)
    assert (kept.uri, kept.rows) == ("s3://lake/runs/p1/r1/s2/out.parquet", 1)
    on.write(kept)
    assert on.text("out/orders.csv") == "id\n2\n"
    branch = {"kind": "branch", "cases": [], "otherwise": "rest"}
    assert on.step(branch, {"input": kept}).outputs["rest"] == kept
    client.delete_object(Bucket="lake", Key="runs/p1/r1/s1/out.parquet")
    with pytest.raises(StepRefused, match='rows of input "input" are gone'):
        on.sql("select * from input", rows)


def test_runs_that_are_long_over_are_cleaned_from_the_store(on: Bench, store: Connection, client: Any) -> None:
    for key in ("runs/p1/old/a/out.parquet", "runs/p1/old/b/out.parquet", "runs/p2/x/a/out.parquet"):
        client.put_object(Bucket="lake", Key=key, Body=b"x")
    assert clean_runs("s3://lake/runs/p1", older_than_hours=1, connection=store) == []
    assert clean_runs("s3://lake/runs/p1", older_than_hours=-1, connection=store) == ["s3://lake/runs/p1/old"]
    assert [found["Key"] for found in client.list_objects_v2(Bucket="lake")["Contents"]] == ["runs/p2/x/a/out.parquet"]


def test_the_options_of_files_are_those_of_the_modules(on: Bench, client: Any) -> None:
    client.put_object(Bucket="lake", Key="semicolons.csv", Body="id;name\n1;caf\xe9\n".encode("latin-1"))
    assert on.rows_of(read(on, "semicolons.csv", delimiter=";", encoding="latin-1")) == [(1, "café")]
    assert set(csv.DEFAULTS) >= {"delimiter", "encoding", "on_bad_line"}
