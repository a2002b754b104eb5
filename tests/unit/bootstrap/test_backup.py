"""What belongs into a backup: what the copied database knows as ended, and nothing of a later moment."""

from __future__ import annotations

import pytest

from azud.adapters.stores.copying import CopiedRuns
from azud.bootstrap.backup import _belongs

PIPELINE = "00000000-0000-4000-8000-000000000001"
ENDED = "00000000-0000-4000-8000-000000000002"
OPEN = "00000000-0000-4000-8000-000000000003"
LATER = "00000000-0000-4000-8000-000000000004"
RUNS = CopiedRuns("0002", frozenset({PIPELINE}), frozenset({PIPELINE}), frozenset({ENDED}), frozenset({OPEN}))


@pytest.mark.parametrize(
    ("relative", "belongs"),
    [
        ("store", True),
        ("store/iris/iris.csv", True),
        ("store/azureml", True),
        (f"store/azureml/{ENDED}/out/x", True),
        (f"store/azureml/{OPEN}", False),
        (f"store/azureml/{LATER}", False),
        ("store/azureml/mine/x", True),
        (f"store/dataset/{LATER}/out", False),
        (f"store/ExperimentRun/dcid.{ENDED}/logs/x", True),
        (f"store/ExperimentRun/dcid.{PIPELINE}/x", True),
        (f"store/ExperimentRun/dcid.{OPEN}", False),
        (f"store/ExperimentRun/dcid.{LATER}", False),
        (f"store/results/{OPEN}/x", False),
        (f"store/results/{LATER}/x", True),
        ("store/.azud-k3f8", False),
        (f"{OPEN}/a-datastore-of-this-name", True),
    ],
)
def test_files_of_datastores(relative: str, belongs: bool) -> None:
    assert _belongs("datastores", RUNS, relative) is belongs


@pytest.mark.parametrize(("relative", "belongs"), [("ab", True), ("ab/cd", True), ("incoming", False)])
def test_blobs(relative: str, belongs: bool) -> None:
    assert _belongs("blobs", RUNS, relative) is belongs
