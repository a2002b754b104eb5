"""`azud data show|lineage|tag`: what a terminal and a pipe see of versions of data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from azud.cli import output
from azud.model.codec import to_json
from azud.model.lineage import DATASET, STEP, Lineage, LineageEdge, LineageNode

from .conftest import FakeClient

Azud = Callable[..., tuple[int, str, str]]
FOUND = Lineage(
    "d2",
    {
        "d2": LineageNode("d2", DATASET, "clean", version=2, registered=True, drifted=True),
        "d1": LineageNode("d1", DATASET, "raw", version=1, registered=False),
        "d0": LineageNode("d0", DATASET, "store:some/where"),
        "s1": LineageNode("s1", STEP, "tidy", step_run_id="s1", run_id="abcdefghi", experiment="e", status="Completed"),
        "s0": LineageNode("s0", STEP, "", step_run_id="s0"),
        "r": LineageNode("r", STEP, "", run_id="e_1_2", experiment="e", status="Failed", reused_from="x"),
    },
    back=(
        LineageEdge("s1", "d2", "out"),
        LineageEdge("d1", "s1", "raw"),
        LineageEdge("d0", "s1", "read in the script"),
        LineageEdge("s0", "d1", "registered"),
        LineageEdge("s0", "s1", "middle"),
        LineageEdge("d1", "s0", "again"),
    ),
    forward=(LineageEdge("d2", "r", "in"),),
    cut=True,
)
TREE = """\
clean:2 (changed since) came from
  step 'tidy' of run abcdefgh in e (Completed, )  [out]
    raw:1 (not registered any more)  [raw]
      step run s0 (not kept any more)  [registered]
        raw:1 (not registered any more)  [again] (see above)
    store:some/where (not registered)  [read in the script]
    step run s0 (not kept any more)  [middle] (see above)
clean:2 (changed since) went to
  run e_1_2 in e (Failed, reused, )  [in]
"""


@pytest.fixture
def asked(client: FakeClient) -> list[Any]:
    queries: list[Any] = []

    def answer(query: Any) -> Any:
        queries.append(query)
        return to_json(FOUND)

    client.answers["/datasets/registered/clean/lineage"] = answer
    client.answers["/datasets/registered/a:3/lineage"] = answer
    return queries


def test_lineage_is_a_tree_of_lines(azud: Azud, asked: list[Any]) -> None:
    code, out, err = azud("data", "lineage", "clean")
    assert (code, out, err) == (0, TREE, "there is more: only the nearest part was followed\n")
    assert asked == [None]


def test_on_a_terminal_long_labels_are_folded(azud: Azud, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = azud("data", "lineage", "clean")
    assert "└── step 'tidy' of run abcdefgh in e" in out
    assert "(Completed, )  [out]" in out
    assert all(len(line) <= 40 for line in out.splitlines())


def test_a_version_is_named_with_the_dataset_or_beside_it(azud: Azud, asked: list[Any]) -> None:
    azud("data", "lineage", "clean:3")
    azud("data", "lineage", "clean", "--version", "4")
    azud("data", "lineage", "a:3", "--version", "5")
    assert asked == [{"version": 3}, {"version": 4}, {"version": 5}]


def test_lineage_as_json_is_the_answer(azud: Azud, asked: list[Any]) -> None:
    assert json.loads(azud("data", "lineage", "clean", "--json")[1]) == to_json(FOUND)


def test_a_tag_that_is_none_is_refused_before_anything_is_changed(azud: Azud, client: FakeClient) -> None:
    record = {"id": "i", "name": "clean", "version": 2, "definition": {"type": "file"}, "tags": {"a": "1"}}
    client.answers["/datasets/registered/clean"] = record
    code, _, err = azud("data", "tag", "clean", "b=2", "c")
    assert (code, "'c' is no tag" in err, client.posted) == (2, True, [])
    assert azud("data", "tag", "clean", "b=2=3", "--remove", "a")[1] == "clean:2: b=2=3\n"
    assert client.posted == [("PATCH /datasets/registered/clean/2", {"tags": {"b": "2=3"}})]
