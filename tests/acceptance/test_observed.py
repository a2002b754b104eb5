"""Observed inputs: what a job reads through the SDK undeclared decides about reuse as well."""

from __future__ import annotations

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset

READS_LATEST = """
from azureml.core import Dataset, Run
ws = Run.get_context().experiment.workspace
print(len(Dataset.get_by_name(ws, "words").to_path()))
"""
DOWNLOADS = """
from azureml.core import Run
store = Run.get_context().experiment.workspace.get_default_datastore()
print(store.download("here", prefix="raw/", show_progress=False))
"""


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def decision(author, run):
    step = next(iter(run.get_steps()))
    return author.live.client.get(f"/runs/{step.id}/reuse")


def put(author, name: str, text: str) -> None:
    file = author.live.folder / "put.txt"
    file.write_text(text)
    store = author.ws.get_default_datastore()
    folder, _, own = name.rpartition("/")
    renamed = file.with_name(own)
    file.rename(renamed)
    store.upload_files([str(renamed)], target_path=folder, overwrite=True, show_progress=False)


def register(author, name: str) -> None:
    found = Dataset.File.from_files([(author.ws.get_default_datastore(), name)])
    found.register(author.ws, "words", create_new_version=True)


def run_again(author, code: str):
    return decision(author, author.run(author.step("reads", code)))


def test_a_dataset_by_latest_is_read_anew_when_there_is_a_newer_version(author):
    put(author, "words/one.txt", "one")
    put(author, "words/two.txt", "two")
    register(author, "words/one.txt")
    assert run_again(author, READS_LATEST)["outcome"] == "miss"
    assert run_again(author, READS_LATEST)["outcome"] == "hit"
    register(author, "words")
    again = run_again(author, READS_LATEST)
    assert (again["outcome"], "dataset 'words' (latest)" in again["reason"]) == ("miss", True)
    assert run_again(author, READS_LATEST)["outcome"] == "hit"


def test_changed_files_behind_an_undeclared_dataset_are_noticed(author):
    put(author, "words/one.txt", "one")
    register(author, "words")
    run_again(author, READS_LATEST)
    assert run_again(author, READS_LATEST)["outcome"] == "hit"
    put(author, "words/one.txt", "changed")
    again = run_again(author, READS_LATEST)
    assert (again["outcome"], "workspaceblobstore/words" in again["reason"]) == ("miss", True)


def test_a_download_from_a_datastore_counts_with_files_that_come_and_go(author):
    put(author, "raw/a.txt", "a")
    run_again(author, DOWNLOADS)
    assert run_again(author, DOWNLOADS)["outcome"] == "hit"
    put(author, "other/b.txt", "b")
    assert run_again(author, DOWNLOADS)["outcome"] == "hit"
    put(author, "raw/b.txt", "b")
    again = run_again(author, DOWNLOADS)
    assert (again["outcome"], "'raw/' on datastore 'workspaceblobstore'" in again["reason"]) == ("miss", True)
    assert run_again(author, DOWNLOADS)["outcome"] == "hit"


def test_a_job_that_changes_what_it_read_is_not_stored(author):
    put(author, "raw/a.txt", "a")
    code = (
        DOWNLOADS
        + "open('new.txt', 'w').write('x')\nstore.upload_files(['new.txt'], target_path='raw', overwrite=True)"
    )
    run = author.run(author.step("reads", code))
    warnings = author.live.client.get(f"/runs/{next(iter(run.get_steps())).id}")["warnings"]
    assert any("not stored for reuse: 'raw/'" in warning for warning in warnings)
    # From now on it finds what it leaves behind.
    assert run_again(author, code)["outcome"] == "miss"
    assert run_again(author, code)["outcome"] == "hit"


def test_what_cannot_be_looked_at_is_said(author):
    from azud.core.errors import UserError

    for source in ({}, {"kind": "files"}, {"kind": "registered", "name": "x"}, {"kind": "else"}, [], "x"):
        with pytest.raises(UserError):
            author.live.client.post("/observations", {"source": source})
    assert author.live.client.post(
        "/observations", {"source": {"kind": "registered", "name": "none", "version": None}}
    ) == {"seen": "nothing"}
