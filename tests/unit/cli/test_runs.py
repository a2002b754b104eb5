"""`azud runs …` against a table of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from azud.cli import workspace
from azud.core.errors import NotFoundError, UserError
from azud.model.codec import to_json

from .conftest import OTHER_ID, PREPARE_ID, RUN_ID, TRAIN_ID, FakeClient, run_record, step_record

Azud = Callable[..., tuple[int, str, str]]


def test_ls_prints_a_line_of_tabs_for_every_run(azud: Azud, client: FakeClient) -> None:
    code, out, _ = azud("runs", "ls")
    header, first, second = out.splitlines()
    assert code == 0
    assert header.split("\t")[:4] == ["RUN", "EXPERIMENT", "NO.", "STATUS"]
    assert first.split("\t")[:4] == [RUN_ID, "irises", "3", "Completed"]
    assert second.split("\t")[3] == "Failed"


def test_runs_alone_is_ls(azud: Azud, client: FakeClient) -> None:
    assert azud("runs")[1] == azud("runs", "ls")[1]


def test_ls_as_json_is_the_records(azud: Azud, client: FakeClient) -> None:
    _, out, _ = azud("runs", "ls", "--json")
    assert [run["id"] for run in json.loads(out)] == [RUN_ID, OTHER_ID]


def test_ls_hands_its_filters_to_the_server_and_stops_at_the_limit(azud: Azud, client: FakeClient) -> None:
    asked: list[Any] = []

    def answer(query: Any) -> Any:
        asked.append(dict(query))
        return {"value": to_json([run_record(), run_record(OTHER_ID)]), "next": "more"}

    client.answers["/runs"] = answer
    _, out, _ = azud("runs", "ls", "--limit", "3", "--experiment", "irises", "--status", "Failed", "--json")
    assert len(json.loads(out)) == 3
    assert asked[0] == {"limit": 3, "experiment": "irises", "status": "Failed", "after": None}
    assert asked[1]["after"] == "more"


def test_no_runs_is_said_on_the_error_stream(azud: Azud, client: FakeClient) -> None:
    client.answers["/runs"] = {"value": [], "next": None}
    assert azud("runs", "ls") == (0, "", "no runs yet; azud run PROGRAM submits one\n")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("latest", RUN_ID),
        (RUN_ID, RUN_ID),
        ("6d0c", RUN_ID),
        ("6d0f", OTHER_ID),
        (PREPARE_ID, PREPARE_ID),
        ("latest/train", TRAIN_ID),
        (f"6d0c/{PREPARE_ID}", PREPARE_ID),
    ],
)
def test_references_find_one_run(client: FakeClient, reference: str, found: str) -> None:
    assert workspace.find_run(client, reference).id == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reference", "kind", "says"),
    [
        ("6d0", UserError, "more than one run"),
        ("abc", NotFoundError, "no run whose id starts with 'abc'"),
        ("irises", UserError, "not a run"),
        ("../x", UserError, "not a run"),
        ("latest/test", NotFoundError, "no step 'test'"),
    ],
)
def test_other_references_say_why(client: FakeClient, reference: str, kind: type[UserError], says: str) -> None:
    with pytest.raises(kind, match=says):
        workspace.find_run(client, reference)  # type: ignore[arg-type]


def test_latest_without_runs(azud: Azud, client: FakeClient) -> None:
    client.answers["/runs"] = {"value": [], "next": None}
    code, _, err = azud("runs", "show", "latest")
    assert code == 2
    assert err == "azud: there are no runs yet\n  hint: azud run PROGRAM submits one\n"


def test_show_tells_the_steps_and_what_was_reused(azud: Azud, client: FakeClient) -> None:
    code, out, _ = azud("runs", "show")
    assert code == 0
    assert f"run\t{RUN_ID}" in out
    assert "took\t2.4 s" in out
    assert "train\tCompleted\t2.4 s\t6d0fffff" in out


def test_show_a_failed_run_tells_why(azud: Azud, client: FakeClient) -> None:
    _, out, _ = azud("runs", "show", OTHER_ID)
    assert "train: step 'train' ended with exit code 1" in out
    assert "  hint: read its log" in out


def test_show_as_json_has_run_and_steps(azud: Azud, client: FakeClient) -> None:
    answer = json.loads(azud("runs", "show", "--json")[1])
    assert answer["run"]["id"] == RUN_ID
    assert [step["name"] for step in answer["steps"]] == ["prepare", "train"]


def test_names_cannot_write_control_characters_or_new_columns(azud: Azud, client: FakeClient) -> None:
    step = step_record(PREPARE_ID, "a\tb\x1b[2J\nc [red]d[/red]")
    client.answers[f"/runs/{RUN_ID}/steps"] = {"value": to_json([step]), "next": None}
    _, out, _ = azud("runs", "show")
    assert "a b\\x1b[2J c [red]d[/red]\tCompleted" in out


def test_metrics_are_listed_with_their_step(azud: Azud, client: FakeClient) -> None:
    for run_id in (RUN_ID, TRAIN_ID):
        client.answers[f"/runs/{run_id}/metrics"] = {"points": [], "next": None}
    points = [
        {"name": "rows", "kind": "scalar", "value": 105, "step": None},
        {"name": "loss", "kind": "scalar", "value": 0.123456789, "step": 2},
        {"name": "table", "kind": "row", "value": {"a": 1, "b": "x"}, "step": None},
    ]
    client.answers[f"/runs/{PREPARE_ID}/metrics"] = {"points": points, "next": None}
    _, out, _ = azud("runs", "metrics")
    assert out.splitlines()[1:] == [
        "prepare\trows\t\t105",
        "prepare\tloss\t2\t0.123457",
        "prepare\ttable\t\ta=1, b=x",
    ]
    assert json.loads(azud("runs", "metrics", "--json")[1])[0]["step_name"] == "prepare"


def test_outputs_say_where_the_files_are(azud: Azud, client: FakeClient) -> None:
    output = {
        "name": "model",
        "datastore": "workspaceblobstore",
        "path": f"azureml/{PREPARE_ID}/model",
        "kind": "directory",
        "digest": "0" * 64,
        "size_bytes": 2048,
        "file_count": 2,
        "local_path": "/data/model",
    }
    client.answers[f"/runs/{PREPARE_ID}/outputs"] = {"value": [output], "next": None}
    _, out, _ = azud("runs", "outputs", "latest")
    assert out.splitlines()[1] == "prepare\tmodel\tdirectory\t2\t2.0 KiB\t/data/model"


def test_cancel_asks_once_and_prints_the_state(azud: Azud, client: FakeClient) -> None:
    client.answers[f"/runs/{RUN_ID}"] = to_json(run_record(status="Running", ended_at=None))
    client.answers[f"POST /runs/{RUN_ID}/cancel"] = to_json(run_record(status="CancelRequested"))
    code, out, _ = azud("runs", "cancel", RUN_ID)
    assert (code, out) == (0, f"{RUN_ID}: CancelRequested\n")
    assert client.posted == [(f"/runs/{RUN_ID}/cancel", None)]


def test_cancel_of_an_ended_run_changes_nothing(azud: Azud, client: FakeClient) -> None:
    code, _, err = azud("runs", "cancel", "latest")
    assert code == 0
    assert "has ended already" in err
    assert client.posted == []


def test_cancel_needs_to_be_told_which(azud: Azud, client: FakeClient) -> None:
    code, _, err = azud("runs", "cancel")
    assert code == 2
    assert "missing argument" in err
