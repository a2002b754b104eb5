"""What earlier runs of a step say: which of them count, how long they took, what they made."""

from __future__ import annotations

import dataclasses

import pytest
from tests.doubles import step

from azud.engine.history import MOST_COMPARED, EarlierRuns, PastStep, time_before
from azud.model.jobs import SealedOutput


def past(made_by, duration_s=1.0, **changes):
    values = {"node_id": "a", "type": "PythonScriptStep", "script": "a.py", "made_by": made_by}
    return PastStep(**{**values, "duration_s": duration_s, **changes})


class Told:
    """`History` from a list of runs by name."""

    def __init__(self, **runs):
        self.runs = runs
        self.asked = []

    def past_steps(self, names, most):
        self.asked.append(most)
        return {name: self.runs[name] for name in names if name in self.runs}

    def sealed(self, step_runs):
        return {
            name: (SealedOutput("out", f"/{name}", "file", "d" * 64, 3),) for name in step_runs if name != "nothing"
        }

    def output_bytes(self, step_runs):
        return {name: {"out": len(name) * 10} for name in step_runs}


def test_few_runs_give_their_extremes_and_many_their_tenths():
    few = time_before([past(str(n), float(n)) for n in (3, 1, 2)])
    assert (few.count, few.median_s, few.low_s, few.high_s) == (3, 2.0, 1.0, 3.0)
    many = time_before([past(str(n), float(n)) for n in range(1, 12)])
    assert (many.count, many.median_s) == (11, 6.0)
    assert (many.low_s, many.high_s) == pytest.approx((2.0, 10.0))
    assert time_before([]) is None
    assert time_before([past("x", None)]) is None


def test_a_result_counts_once_however_often_it_was_reused_and_only_the_newest_count():
    assert time_before([past("x"), past("x"), past("y", 3.0)]).count == 2
    assert time_before([past(str(n)) for n in range(50)]).count == MOST_COMPARED


def test_runs_of_another_script_or_type_are_not_like_it():
    runs = [past("x", 9.0, script="other.py"), past("y", 8.0, type="Other"), past("z", 2.0)]
    earlier = EarlierRuns(Told(a=runs), {"a": step("a")})
    assert earlier.time("a").median_s == 2.0
    assert [item.path for item in earlier.outputs(["a"])["a"]] == ["/z"]
    assert earlier.usual_bytes("a", "out") == 10
    assert earlier.usual_bytes("a", "else") is None


def test_twins_of_one_pipeline_are_told_apart_by_their_ids():
    twin = dataclasses.replace(step("a"), id="b")
    history = Told(a=[past("of-b", node_id="b"), past("of-a", node_id="a")])
    earlier = EarlierRuns(history, {"a": step("a"), "b": twin})
    assert {name: item[0].path for name, item in earlier.outputs(["a", "b"]).items()} == {"a": "/of-a", "b": "/of-b"}
    assert history.asked == [2 * MOST_COMPARED]


def test_the_usual_size_is_the_median_and_what_never_ran_is_left_out():
    earlier = EarlierRuns(Told(a=[past("x"), past("xx"), past("xxxxx")]), {"a": step("a"), "b": step("b")})
    assert earlier.usual_bytes("a", "out") == 20
    assert earlier.usual_bytes("b", "out") is None
    assert earlier.time("b") is None
    assert set(earlier.outputs(["a", "b"])) == {"a"}
