"""Statements that try to get out, on the database that steps use."""

from pathlib import Path

import pytest

from airfleet.runtime.errors import StepRefused
from tests.runtime.bench import Bench

TARGET = "/tmp/airfleet-hostile"  # noqa: S108 - what a statement would have made


@pytest.mark.parametrize(
    "text",
    [
        f"attach '{TARGET}.db' as other",
        "install httpfs",
        "load httpfs",
        "load '/tmp/x.duckdb_extension'",
        f"copy (select 1) to '{TARGET}.csv'",
        f"export database '{TARGET}'",
        "pragma enable_external_access",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "reset lock_configuration",
        "create secret s (type s3)",
        "call pragma_version(); select 1",
        "select * from read_parquet('/etc/passwd')",
        "select * from read_json('/etc/passwd')",
        "select * from read_csv_auto('/etc/passwd')",
        "select * from read_blob('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from 'https://example.org/x.csv'",
        "select * from read_parquet('s3://bucket/key')",
        "select * from parquet_metadata('/etc/passwd')",
        "select * from sniff_csv('/etc/passwd')",
        "select * from read_text('../../data/secret.csv')",
        "select getenv('HOME')",
        "with x as (select * from read_csv('/etc/passwd')) select * from x",
        "select (select content from read_text('/etc/passwd'))",
        "select * from query('select * from read_text(''/etc/passwd'')')",
        "select * from query_table('/etc/passwd')",
    ],
)
def test_a_statement_reaches_nothing_but_its_inputs(bench: Bench, text: str) -> None:
    bench.put("secret.csv", "s\n1\n")
    with pytest.raises(StepRefused):
        bench.sql(text, bench.of_query("select 1 as id"))
    assert not list(Path("/tmp").glob("airfleet-hostile*"))  # noqa: S108 - as above


def test_other_steps_of_the_run_are_out_of_reach(bench: Bench) -> None:
    other = bench.sql("select 1 as secret", bench.of_query("select 1 as id"))
    with pytest.raises(StepRefused):
        bench.sql(f"select * from read_parquet('{other.uri}')", bench.of_query("select 1 as id"))
