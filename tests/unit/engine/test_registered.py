"""What steps read, told from their inputs and from what their scripts noted."""

from __future__ import annotations

import pytest

from azud.engine.observed import NOTHING
from azud.engine.ports import DataFingerprint, RemoteFiles
from azud.engine.registered import Uses, chosen_versions, makers_of, state_of
from azud.model.codec import to_json
from azud.model.data import DataLocation, DatasetDefinition, DataState, has_drifted
from azud.model.definition import InputPort, StepDefinition
from azud.model.jobs import StagedInput
from azud.model.lineage import INPUT, READ, DataUse

MAKER = "6d0ce5a1-0000-4000-8000-000000000001"
OTHER = "6d0ce5a1-0000-4000-8000-000000000002"


def definition(*paths):
    return DatasetDefinition("file", tuple(DataLocation("store", path) for path in paths))


def step(*ports):
    return StepDefinition("n1", "s", "PythonScriptStep", "s.py", inputs=ports)


def staged(port, dataset=None, name=None, version=None):
    if dataset is None:
        return StagedInput(port.name, port.kind, port.mode)
    described = {"id": dataset.saved_id(), "name": name, "version": version, "definition": to_json(dataset)}
    return StagedInput(port.name, port.kind, port.mode, dataset=described)


@pytest.mark.parametrize(
    ("path", "makers"),
    [
        (f"azureml/{MAKER}/out", [MAKER]),
        (f"/dataset/{MAKER}", [MAKER]),
        (f"dataset/{MAKER}/**/*.csv", [MAKER]),
        (f"azureml/{MAKER}x/out", []),
        (f"data/azureml/{MAKER}/out", []),
        ("azureml/mine/out", []),
        ("azureml/*/out", []),
        ("", []),
    ],
)
def test_a_path_in_the_folder_of_a_step_runs_output_names_the_step_run(path, makers):
    assert makers_of([path, path]) == makers


def test_inputs_that_no_step_of_the_run_made_are_uses():
    plain, named = definition("raw", f"azureml/{MAKER}/o"), definition(f"azureml/{OTHER}/o")
    ports = (
        InputPort("a", "dataset", "mount", dataset=plain),
        InputPort("b", "dataset", "mount", registered="b"),
        InputPort("c", "reference", "mount", step="n0", output="o"),
        InputPort("d", "reference", "mount", datastore="store", path=f"azureml/{MAKER}/o"),
        InputPort("e", "reference", "mount", datastore="store", path="raw"),
        InputPort("f", "reference", "mount", datastore="store", path="x", output="o", sealed_by=OTHER),
    )
    given = [staged(ports[0], plain), staged(ports[1], named, "b", 3), *(staged(port) for port in ports[2:])]
    uses = Uses()
    uses.add_inputs("me", step(*ports), given)
    assert uses.uses == [
        DataUse("me", INPUT, 0, "a", plain.saved_id()),
        DataUse("me", INPUT, 1, "a", output_of=MAKER),
        DataUse("me", INPUT, 2, "b", named.saved_id(), "b", 3),  # its makers are known of the version
        DataUse("me", INPUT, 3, "d", output_of=MAKER),
        DataUse("me", INPUT, 4, "f", output_of=OTHER),
    ]
    assert set(uses.definitions) == {plain.saved_id(), named.saved_id()}
    assert chosen_versions(step(*ports), given) == {"azud.dataset.b": "b:3"}


def test_what_a_script_read_is_a_use_once():
    raw = definition("raw")
    body = to_json(raw)
    reads = [
        {"source": {"kind": "files", "definition": body}, "seen": "x"},
        {"source": {"kind": "registered", "name": "raw", "version": None}, "seen": raw.saved_id()},
        {"source": {"kind": "registered", "name": "gone", "version": None}, "seen": NOTHING},
        {"source": {"kind": "registered", "name": "unseen", "version": 2}, "seen": None},
        {"source": {"kind": "files", "definition": to_json(definition("own", f"dataset/{MAKER}"))}, "seen": "y"},
        {"source": {"kind": "prefix", "datastore": "store", "path": f"azureml/{OTHER}/o"}, "seen": "z"},
        {"source": {"kind": "models", "query": {}}, "seen": "z"},
    ]
    uses = Uses()
    uses.add_reads("me", reads)
    own = definition("own", f"dataset/{MAKER}").saved_id()
    assert uses.uses == [
        DataUse("me", READ, 0, "", raw.saved_id(), "raw"),
        DataUse("me", READ, 1, "", output_of=OTHER),
        DataUse("me", READ, 2, "", own),
        DataUse("me", READ, 3, "", output_of=MAKER),
    ]


def test_what_files_are_is_counted_where_they_are():
    here = state_of(DataFingerprint("d", (), measure=lambda: (2, 10)))
    there = state_of(DataFingerprint("d", (), remote=RemoteFiles(definition("x"), 3, 30)))
    unknown = state_of(DataFingerprint(None, (), "away", measure=lambda: (2, 10)))
    assert (here.file_count, here.size_bytes) == (2, 10)
    assert (there.file_count, there.size_bytes) == (3, 30)
    assert (unknown.digest, unknown.file_count, unknown.reason) == (None, None, "away")


@pytest.mark.parametrize(
    ("fingerprint", "seen", "drifted"),
    [
        (None, None, None),
        (None, "a", None),
        ("a", None, False),
        ("a", "a", False),
        ("a", "b", True),
        ("a", NOTHING, True),
    ],
)
def test_drift_is_a_digest_that_differs(fingerprint, seen, drifted):
    def state(digest):
        return digest and DataState("t", digest)

    assert has_drifted(state(fingerprint), state(seen)) is drifted
    assert has_drifted(DataState("t", reason="away"), state(seen)) is None
