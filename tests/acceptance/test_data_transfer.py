"""`DataTransferStep` between folders, files, queries and tables."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
from tests.acceptance.authoring import Authoring
from tests.acceptance.databases import execute, owner, registered
from tests.acceptance.stores import SECRETS, STORES

from azureml.core import Datastore
from azureml.data.data_reference import DataReference
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.data.sql_data_reference import SqlDataReference
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import DataTransferStep


def _put(authoring: Authoring, folder: str, files: dict[str, bytes]) -> None:
    root = pathlib.Path(authoring.ws.get_default_datastore()._local_root())
    for name, content in files.items():
        path = root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _root(authoring: Authoring, name: str = "workspacefilestore") -> pathlib.Path:
    return pathlib.Path(Datastore.get(authoring.ws, name)._local_root())


def _reference(authoring: Authoring, path: str, store: str = "workspaceblobstore") -> DataReference:
    return DataReference(Datastore.get(authoring.ws, store), "data", path)


def _to(authoring: Authoring, path: str) -> DataReference:
    return _reference(authoring, path, "workspacefilestore")


def _reused(authoring: Authoring, run) -> dict[str, bool]:
    told = {step.name: authoring.live.client.get(f"/runs/{step.id}/reuse") for step in run.get_steps()}
    return {name: facts["outcome"] == "hit" for name, facts in told.items()}


FILES = {"a.txt": b"a", "deep/b ä%20.bin": os.urandom(3_000_000), "deep/empty": b""}


@pytest.mark.parametrize("types", [(None, None), ("directory", "directory")])
def test_a_folder_goes_to_another_datastore_and_on_to_the_next_step(authoring, types) -> None:
    _put(authoring, "in", FILES)
    transfer = DataTransferStep(
        "move it",
        source_data_reference=_reference(authoring, "in"),
        destination_data_reference=_to(authoring, "moved/here"),
        source_reference_type=types[0],
        destination_reference_type=types[1],
        compute_target="adf",
    )
    moved = transfer.get_output()
    assert isinstance(moved, PipelineData)
    code = (
        "import os, sys\n"
        "from azureml.core import Run\n"
        "Run.get_context().log('names', len([n for f in os.walk(sys.argv[1]) for n in f[2]]))\n"
    )
    read = authoring.step("read", code, arguments=[moved], inputs=[moved])
    run = authoring.run(transfer, read)
    for name, content in FILES.items():
        assert (_root(authoring) / "moved/here" / name).read_bytes() == content
    metrics = {step.name: step.get_metrics() for step in run.get_steps()}
    size = sum(map(len, FILES.values()))
    assert metrics == {"move it": {"files": 3, "bytes": size}, "read": {"names": 3}}
    again = authoring.run(transfer, read)
    assert _reused(authoring, again) == {"move it": True, "read": True}
    (_root(authoring) / "moved/here/a.txt").unlink()
    authoring.run(transfer, read)
    assert (_root(authoring) / "moved/here/a.txt").read_bytes() == b"a"
    _put(authoring, "in", {"a.txt": b"changed"})
    changed = authoring.run(transfer, read)
    assert _reused(authoring, changed) == {"move it": False, "read": False}
    assert (_root(authoring) / "moved/here" / "a.txt").read_bytes() == b"changed"


@pytest.mark.parametrize(("one", "other"), [("s3", "azure_blob"), ("azure_blob", "sftp"), ("sftp", "s3")])
def test_between_stores_elsewhere(authoring, request, tmp_path, one, other) -> None:
    source = STORES[one](request, authoring.ws, "one")
    target = STORES[other](request, authoring.ws, "other")
    folder = f"moved {tmp_path.name}"
    for name, content in FILES.items():
        path = tmp_path / "up" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    source.upload(str(tmp_path / "up"), f"{folder}/in", show_progress=False)
    step = DataTransferStep(
        "move", DataReference(source, "data", f"{folder}/in"), DataReference(target, "to", f"{folder}/out")
    )
    run = authoring.run(step)
    (done,) = run.get_steps()
    assert done.get_metrics() == {"files": 3, "bytes": sum(map(len, FILES.values()))}
    target.download(str(tmp_path / "down"), prefix=f"{folder}/out", show_progress=False)
    for name, content in FILES.items():
        assert (tmp_path / "down" / folder / "out" / name).read_bytes() == content
    assert _reused(authoring, authoring.run(step)) == {"move": True}
    log = done.get_stdout_log()
    assert not any(SECRETS[name](request) in log for name in (one, other))


def test_a_query_goes_to_a_store_elsewhere(authoring, request, kind, server, tmp_path) -> None:
    query = SqlDataReference(registered(authoring, kind, server), "q", sql_query="SELECT id FROM orders ORDER BY id")
    target = STORES["s3"](request, authoring.ws, "other")
    authoring.run(DataTransferStep("fetch", query, DataReference(target, "to", "rows/orders.csv")))
    target.download(str(tmp_path / "down"), prefix="rows", show_progress=False)
    assert (tmp_path / "down/rows/orders.csv").read_text() == "id\n1\n2\n3\n"


def test_a_file_goes_to_a_file_or_into_a_folder(authoring) -> None:
    _put(authoring, "in", FILES)
    source = _reference(authoring, "in/a.txt")
    binding = (DataPath(Datastore.get(authoring.ws, "workspacefilestore"), "b/renamed.txt"), DataPathComputeBinding())
    authoring.run(
        DataTransferStep("as file", source, binding, source_reference_type="file"),
        DataTransferStep("into folder", source, _to(authoring, "c"), destination_reference_type="directory"),
    )
    assert (_root(authoring) / "b/renamed.txt").read_bytes() == b"a"
    assert (_root(authoring) / "c/a.txt").read_bytes() == b"a"


def test_what_another_step_made_is_transferred(authoring) -> None:
    made = PipelineData("made", is_directory=True)
    code = "import os, sys\nos.makedirs(sys.argv[1])\nopen(os.path.join(sys.argv[1], 'x'), 'w').write('made')\n"
    make = authoring.step("make", code, arguments=[made], outputs=[made])
    authoring.run(make, DataTransferStep("keep", made, _to(authoring, "kept")))
    assert (_root(authoring) / "kept/x").read_text() == "made"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source_reference_type": "file"}, "is a folder, and source_reference_type is 'file'"),
        ({"destination_reference_type": "file"}, "a folder goes to a folder"),
    ],
)
def test_a_kind_that_is_not_there_fails_the_step_with_the_reason(authoring, options, words) -> None:
    _put(authoring, "in", FILES)
    step = DataTransferStep("wrong", _reference(authoring, "in"), _to(authoring, "x"), **options)
    run = authoring.submit(Pipeline(authoring.ws, [step]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    assert run.get_status() == "Failed"
    (done,) = run.get_steps()
    assert words in done.get_stdout_log()
    assert not (_root(authoring) / "x").exists()


def test_what_cannot_be_transferred_is_refused_when_it_is_written(authoring) -> None:
    good, made = _reference(authoring, "in"), PipelineData("made")
    for source, target, options, words in (
        (None, good, {}, "source_data_reference is missing"),
        (good, None, {}, "destination_data_reference is missing"),
        (good, made, {}, "get_output"),
        ("text", good, {}, "text"),
        (good, good, {"source_reference_type": "blob"}, "'blob'"),
        (good, _reference(authoring, "../out"), {}, "destination"),
        (good, SqlDataReference(good.datastore, "x", sql_query="SELECT 1"), {}, "sql_table alone"),
        (good, SqlDataReference(good.datastore, "x", sql_table="a; DROP TABLE b"), {}, "no name of a table"),
        (SqlDataReference(good.datastore, "x"), good, {}, "sql_table or sql_query"),
    ):
        with pytest.raises(ValueError, match=words) as caught:
            DataTransferStep("step", source, target, **options)
        assert "step" in str(caught.value)


def test_a_query_becomes_a_file(authoring, kind, server) -> None:
    store = registered(authoring, kind, server)
    query = SqlDataReference(store, "orders", sql_query="SELECT id, price, note, day FROM orders ORDER BY id")
    table = SqlDataReference(store, "orders", sql_table="orders")
    run = authoring.run(
        DataTransferStep("csv", query, _to(authoring, "out/orders.csv")),
        DataTransferStep("lines", query, _to(authoring, "out/orders.jsonl")),
        DataTransferStep("folder", table, _to(authoring, "out/folder"), destination_reference_type="directory"),
    )
    out = _root(authoring) / "out"
    assert (out / "orders.csv").read_bytes().decode() == (
        'id,price,note,day\n1,12.5000,,2024-02-29\n2,0.1000,"a,""b""\n\\N",1999-12-31\n3,,,\n'
    )
    lines = [json.loads(line) for line in (out / "orders.jsonl").read_text().splitlines()]
    assert lines[1:] == [
        {"id": 2, "price": "0.1000", "note": 'a,"b"\n\\N', "day": "1999-12-31"},
        {"id": 3, "price": None, "note": None, "day": None},
    ]
    assert (out / "folder/rows.csv").read_text().startswith("id,price,note,day,paid\n")
    for step in run.get_steps():
        assert step.get_metrics()["rows"] == 3


def test_after_a_query_that_gives_the_same_rows_steps_are_reused(authoring, kind, server) -> None:
    store = registered(authoring, kind, server)
    query = SqlDataReference(store, "orders", sql_query="SELECT id, price FROM orders ORDER BY id")
    transfer = DataTransferStep("fetch", query, _to(authoring, "out/orders.csv"))
    moved = transfer.get_output()
    code = "import sys\nfrom azureml.core import Run\nRun.get_context().log('size', len(open(sys.argv[1]).read()))\n"
    read = authoring.step("read", code, arguments=[moved], inputs=[moved])
    reused = []
    for statement in ("SELECT 1", "INSERT INTO orders VALUES (4, 1.0, 'x', NULL, NULL)", "SELECT 1"):
        run = authoring.run(transfer, read)
        reused.append(_reused(authoring, run))
        execute(owner(kind, server), statement)
    assert [item["fetch"] for item in reused] == [False] * 3
    assert [item["read"] for item in reused] == [False, True, False]


CSV = b'note,id,day\nx,1,2024-01-01\n,2,\n"; DROP TABLE copies; --",3,2024-01-03\n'


def test_files_and_queries_go_into_a_table(authoring, kind, server) -> None:
    store = registered(authoring, kind, server)
    lines = b'{"id": 4, "note": "\xc3\xa4", "day": null}\n\n{"day": "2024-01-05", "id": 5}\n'
    _put(authoring, "rows", {"a.csv": CSV, "b.jsonl": lines})
    copies = SqlDataReference(store, "copies", sql_table="copies")
    first = DataTransferStep("files", _reference(authoring, "rows"), copies)
    second = DataTransferStep("query", SqlDataReference(store, "q", sql_query="SELECT * FROM orders"), copies)
    second.run_after(first)
    run = authoring.run(first, second)
    assert {step.name: step.get_metrics() for step in run.get_steps()} == {"files": {"rows": 5}, "query": {"rows": 3}}
    with owner(kind, server).rows("SELECT id, note, day FROM copies ORDER BY id, note", 20) as found:
        rows = [tuple(row) for batch in found.batches for row in batch]
    assert len(rows) == 8
    assert {row[1] for row in rows} >= {"; DROP TABLE copies; --", "ä", "x", ""}


def test_rows_that_do_not_fit_leave_the_table_as_it_was(authoring, kind, server) -> None:
    store = registered(authoring, kind, server)
    _put(authoring, "rows", {"a.csv": b"id,note\n1,x\nnot a number,y\n"})
    copies = SqlDataReference(store, "copies", sql_table="copies")
    run = authoring.submit(Pipeline(authoring.ws, [DataTransferStep("in", _reference(authoring, "rows"), copies)]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    (done,) = run.get_steps()
    assert done.get_status() == "Failed"
    assert "row 2, column 'id': 'not a number'" in done.get_stdout_log()
    assert server.password not in done.get_stdout_log()
    with owner(kind, server).rows("SELECT count(*) AS n FROM copies", 20) as found:
        assert [tuple(row) for batch in found.batches for row in batch] == [(0,)]
