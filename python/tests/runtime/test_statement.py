"""Statements written out for the columns that are there."""

import pytest

from airfleet.runtime.errors import StepRefused
from airfleet.runtime.reference import Column
from airfleet.runtime.statement import bindings, write_statement

INPUTS = {
    "left": [Column("id", "INTEGER"), Column("name", "VARCHAR"), Column('odd "one"', "VARCHAR")],
    "right": [Column("id", "INTEGER"), Column("extra", "DECIMAL(12,2)")],
}
NAME = {"column": "name"}


def written(part: dict[str, object]) -> str:
    usual = {"input": "left", "each": [NAME], "join": ", ", "none": "nothing"}
    return write_statement({"parts": ["select ", {**usual, **part}], "params": []}, INPUTS)


def test_columns_are_named_one_by_one() -> None:
    assert written({}) == 'select "id", "name", "odd ""one"""'
    assert written({"each": [NAME, " as ", {"column": "lower_name"}], "only": ["name"]}) == 'select "name" as "name"'


def test_columns_are_chosen_by_type_name_and_other_input() -> None:
    assert written({"types": ["INT"]}) == 'select "id"'
    assert written({"except": ["id"]}) == 'select "name", "odd ""one"""'
    assert written({"input": "right", "notIn": "left"}) == 'select "extra"'
    assert (
        written({"input": "right", "alsoIn": "left", "each": [{"column": "name", "suffix": "_r"}]}) == 'select "id_r"'
    )


def test_no_column_is_left() -> None:
    assert written({"types": ["DATE"], "around": ["replace (", ")"]}) == "select nothing"
    assert written({"types": ["INT"], "around": ["replace (", ")"]}) == 'select replace ("id")'


def test_a_missing_column_is_named() -> None:
    with pytest.raises(StepRefused, match='no column "colour"'):
        written({"only": ["colour"]})


def test_only_what_is_asked_for_is_bound() -> None:
    assert bindings({"params": ["min"]}, {"min": 3, "secret": "x"}) == {"p_min": 3}
    with pytest.raises(StepRefused, match='no parameter "max"'):
        bindings({"params": ["max"]}, {"min": 3})
