"""Partition formats: what they find in paths, and which are refused."""

from __future__ import annotations

import datetime

import pytest

from azud.core.errors import DefinitionError
from azud.planning.expressions import evaluate, may_hold
from azud.planning.partitions import PartitionFormat
from azud.planning.selecting import selected_files

MOMENT = datetime.datetime


@pytest.mark.parametrize(
    ("form", "path", "values"),
    [
        ("{store}/a.csv", "/data/north/a.csv", {"store": "north"}),
        ("/{store}/{day:yyyy/MM/dd}/data.csv", "/d/x/2019/01/02/data.csv", {"store": "x", "day": MOMENT(2019, 1, 2)}),
        ("{day:yyyyMMdd-HHmmss}.parquet", "/d/20190102-030405.parquet", {"day": MOMENT(2019, 1, 2, 3, 4, 5)}),
        ("{month:yyyy-MM}/*.csv", "/d/2020-02/any name.csv", {"month": MOMENT(2020, 2, 1)}),
        ("{a}_{b}.csv", "/d/x_y_z.csv", {"a": "x", "b": "y_z"}),
        ("{a}/...", "/d/x/y/z.csv", {"a": "d"}),
        ("sales-{a}/...", "/d/sales-x/y/z.csv", {"a": "x"}),
        ("{a}/*/*.csv", "/d/e/x/y/z.csv", {"a": "x"}),
        ("{a b}/ä%20.csv", "/d/ü ö/ä%20.csv", {"a b": "ü ö"}),
        ("{a}.{kind}", "/d/x.csv", {"a": "x", "kind": "csv"}),
    ],
)
def test_what_stands_in_a_path(form: str, path: str, values: dict[str, object]) -> None:
    found = PartitionFormat(form)
    assert found.values(path) == values
    assert found.keys == list(values)


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("{a}/a.csv", "/d/x/b.csv"),
        ("{day:yyyy/MM/dd}/a.csv", "/d/2019/13/01/a.csv"),
        ("{day:yyyy/MM/dd}/a.csv", "/d/2019/1/01/a.csv"),
        ("{a}.csv", "/d/x.csv.gz"),
    ],
)
def test_a_path_that_does_not_fit_is_named(form: str, path: str) -> None:
    with pytest.raises(DefinitionError, match="does not fit"):
        PartitionFormat(form).values(path)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("a/b.csv", "names no column"),
        ("{a}/{a}.csv", "twice"),
        ("{a/b.csv", "brace"),
        ("{a}}/b.csv", "brace"),
        ("{day:MM/dd}/b.csv", "no moment"),
        ("{day:yyyy/yyyy}/b.csv", "no moment"),
    ],
)
def test_formats_that_are_refused(form: str, reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason):
        PartitionFormat(form)


@pytest.mark.parametrize(
    ("form", "start", "after"),
    [
        ("{t:yyyy}", MOMENT(2019, 1, 1), MOMENT(2020, 1, 1)),
        ("{t:yyyy/MM}", MOMENT(2019, 12, 1), MOMENT(2020, 1, 1)),
        ("{t:yyyy/MM/dd}", MOMENT(2020, 2, 28), MOMENT(2020, 2, 29)),
        ("{t:yyyy/MM/dd/HH}", MOMENT(2020, 2, 28, 23), MOMENT(2020, 2, 29)),
    ],
)
def test_the_time_of_a_partition(form: str, start: datetime.datetime, after: datetime.datetime) -> None:
    assert PartitionFormat(form).span("t", start) == (start, after)


def test_files_are_selected_by_their_partition() -> None:
    files = [(f"/d/{store}/{year}/x.csv", f"{store}/{year}/x.csv") for store in "ab" for year in (2019, 2020)]
    store, year = {"column": "store"}, {"column": "t"}
    newer = ["and", ["==", store, "b"], [">=", year, {"moment": "2020-01-01T00:00:00"}]]
    found = selected_files(files, [{"op": "filter", "expression": newer}], partition_format="{store}/{t:yyyy}/x.csv")
    assert found == [("/d/b/2020/x.csv", "b/2020/x.csv")]
    with pytest.raises(DefinitionError, match="no column 'store'"):
        selected_files(files, [{"op": "filter", "expression": newer}])
    with pytest.raises(DefinitionError, match="cannot be compared"):
        wrong = {"op": "filter", "expression": ["==", year, "2020"]}
        selected_files(files, [wrong], partition_format="{t:yyyy}/x.csv")


A = {"column": "a"}
EXPRESSIONS = [
    ["==", A, 3],
    ["!=", A, 3],
    ["<", A, 3],
    [">=", A, 3],
    ["<", 3, A],
    ["not", ["==", A, 3]],
    ["and", [">", A, 1], ["<", A, 4]],
    ["or", ["<=", A, 1], ["not", ["<", A, 4]]],
    ["is_null", A],
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=repr)
def test_bounds_never_rule_out_a_value_that_they_hold(expression: list[object]) -> None:
    for low in range(6):
        for high in range(low, 6):
            for value in (*range(low, high + 1), None):
                if evaluate(expression, lambda operand, value=value: value if operand == A else operand):  # type: ignore[misc]
                    bounds = (low, high, value is None)
                    assert may_hold(expression, lambda name, bounds=bounds: bounds)  # type: ignore[misc]


def test_bounds_rule_out_what_lies_outside() -> None:
    assert not may_hold(["==", A, 9], lambda name: (1, 5, True))
    assert not may_hold(["not", ["<", A, 9]], lambda name: (1, 5, False))
    assert may_hold(["not", ["<", A, 9]], lambda name: (1, 5, True))
    assert may_hold(["==", A, "9"], lambda name: (1, 5, False)), "reading says what is wrong"
    assert may_hold(["==", A, 9], lambda name: None)


def test_files_kept_elsewhere_are_known_by_their_names() -> None:
    kept = [("/cache/3f/9a", "a/2019/x.csv"), ("/cache/77/1b", "b/2020/x.csv")]
    chosen = {"op": "filter", "expression": ["==", {"column": "store"}, "b"]}
    assert selected_files(kept, [chosen], partition_format="{store}/{t:yyyy}/x.csv") == kept[1:]
