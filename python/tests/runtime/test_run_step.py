"""Steps carried out: files in, rows out, and what is refused."""

import json
from pathlib import Path

import pytest

from airfleet.runtime.errors import StepRefused
from airfleet.runtime.reference import Reference
from airfleet.runtime.run_step import run_step
from tests.runtime.bench import Bench


def test_rows_go_from_file_through_a_statement_to_a_file(bench: Bench) -> None:
    bench.put("orders.csv", "id,amount,note\n1,10.5,\n2,3,x\n3,20,été\n")
    rows = bench.read()
    assert [(column.name, column.type) for column in rows.columns] == [
        ("id", "BIGINT"),
        ("amount", "DOUBLE"),
        ("note", "VARCHAR"),
    ]
    big = bench.sql("select * from input where amount >= $p_least order by id", rows, ["least"])
    result = bench.write(big)
    assert (result.rows_in, result.rows_out) == (2, 2)
    assert bench.text("out/orders.csv") == "id,amount,note\n1,10.5,\n3,20.0,été\n"


def test_a_reference_is_small_and_reads_back(bench: Bench) -> None:
    bench.put("orders.csv", "id\n1\n")
    rows = bench.read()
    assert rows.bytes > 0
    assert Reference.from_json(json.loads(json.dumps(rows.to_json()))) == rows


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("latin-1", "id,n\n1,caf\xe9\n".encode("latin-1")),
        ("utf-16", "id,n\n1,café\n".encode("utf-16")),
        ("windows-1252", "id,n\n1,café\n".encode("cp1252")),
    ],
)
def test_files_are_read_in_their_encoding(bench: Bench, encoding: str, content: bytes) -> None:
    bench.put("orders.csv", content)
    bench.write(bench.read(encoding=encoding))
    assert bench.text("out/orders.csv") == "id,n\n1,café\n"


def test_a_wrong_encoding_and_ragged_lines_are_told(bench: Bench) -> None:
    bench.put("orders.csv", b"id,n\n1,caf\xe9\n")
    with pytest.raises(StepRefused, match=r"(?i)utf-8|unicode"):
        bench.read()
    bench.put("orders.csv", "id,n\n1,a\n2\n3,b,c\n")
    with pytest.raises(StepRefused, match=r"(?i)column|line"):
        bench.read()
    assert bench.read(on_bad_line="skip").rows == 1


def test_rows_are_appended_whole(bench: Bench) -> None:
    bench.put("orders.csv", "id\n1\n")
    rows = bench.read()
    bench.write(rows, "append")
    bench.write(rows, "append")
    assert bench.text("out/orders.csv") == "id\n1\n1\n"
    assert [each.name for each in (bench.root / "out").iterdir()] == ["orders.csv"]


def test_a_file_that_cannot_be_written_stays_as_it_was(bench: Bench) -> None:
    bench.put("orders.csv", "id,n\n1,漢\n")
    (bench.root / "out").mkdir()
    bench.put("out/orders.csv", "old")
    with pytest.raises(StepRefused, match="latin-1 has no sign"):
        bench.write(bench.read(), encoding="latin-1")
    assert bench.text("out/orders.csv") == "old"
    assert [each.name for each in (bench.root / "out").iterdir()] == ["orders.csv"]


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "link.csv"])
def test_nothing_outside_the_roots_is_read(bench: Bench, path: str) -> None:
    (bench.root / "link.csv").symlink_to("/etc/passwd")
    with pytest.raises(StepRefused, match="outside the folders"):
        bench.read(path=path)


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/proc/self/environ')",
        "select * from glob('/etc/*')",
        "select 1; select 2",
        "select 1) to '/tmp/airfleet-stolen.csv' (format csv); copy (select 1",
        "select * from duckdb_secrets()",
    ],
)
def test_statements_reach_nothing_but_their_inputs(bench: Bench, text: str) -> None:
    bench.put("orders.csv", "id\n1\n")
    with pytest.raises(StepRefused):
        bench.sql(text, bench.read())
    assert not Path("/tmp/airfleet-stolen.csv").exists()  # noqa: S108 - what the statement would have made


def test_a_parameter_never_becomes_sql(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    hostile = Bench(other, {"name": "x' or '1'='1"})
    hostile.put("orders.csv", "name\nAnn\n")
    assert hostile.sql("select * from input where name = $p_name", hostile.read(), ["name"]).rows == 0


def test_a_check_fails_the_step_with_what_it_found(bench: Bench) -> None:
    bench.put("orders.csv", "id\n1\n-2\n")
    bad = {"parts": ["select * from input where id < 0"], "params": []}
    body = {
        "kind": "sql",
        "outputs": {"out": {"parts": ["select * from input"], "params": []}},
        "checks": [{"rows": bad, "message": "{rows} rows are wrong; the first: {first}"}],
    }
    with pytest.raises(StepRefused, match=r"1 rows are wrong; the first: .*-2"):
        bench.step(body, {"input": bench.read()})


def test_a_branch_takes_the_first_way_that_holds(bench: Bench) -> None:
    bench.put("orders.csv", "id\n1\n2\n")
    count = {"parts": ["select count(*) > 5 from input"], "params": []}
    some = {"parts": ["select count(*) > 1 from input"], "params": []}
    body = {
        "kind": "branch",
        "cases": [{"output": "many", "when": count}, {"output": "some", "when": some}],
        "otherwise": "none",
    }
    rows = bench.read()
    result = bench.step(body, {"input": rows})
    assert (result.chosen, dict(result.outputs)) == ("some", {"some": rows})


@pytest.mark.parametrize("operator", ["union all by name", "union all"])
def test_ways_that_were_not_taken_add_nothing(bench: Bench, operator: str) -> None:
    bench.put("orders.csv", "id,name\n1,Ann\n")
    rows = bench.read()
    sql = {"parts": [f"select *, 'a' as way from a {operator} select *, 'b' as way from b"], "params": []}
    step = {
        "id": "both",
        "inputs": [{"name": name, "step": name, "output": "out"} for name in ("a", "b")],
        "body": {"kind": "sql", "outputs": {"out": sql}},
    }
    result = run_step({**step, "needs": "any"}, {"b": rows}, bench.context)
    bench.write(result.outputs["out"])
    assert bench.text("out/orders.csv") == "id,name,way\n1,Ann,b\n"
    with pytest.raises(StepRefused, match='no rows for input "a"'):
        run_step(step, {"b": rows}, bench.context)
