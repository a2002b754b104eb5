"""Whose folders a place leads into: by path, by pattern, by another name of the same folder, or from above."""

from __future__ import annotations

import pytest

from azud.engine.owned import OwnedPlaces

ONE, TWO = "6d0ce5a1-0000-4000-8000-000000000001", "6d0fffff-0000-4000-8000-000000000002"
ROOTS = {
    "blob": "/ws/[1]/blob",
    "files": "/ws/[1]/files",
    "alias": "/ws/[1]/blob/dataset",
    "above": "/ws",
    "other": "/data",
}
PLACES = OwnedPlaces(ROOTS, ["/ws/[1]/blob", "/ws/[1]/files"], [ONE, TWO])


@pytest.mark.parametrize(
    "datastore, path, owners",
    [
        ("blob", f"azureml/{ONE}/out", {ONE}),
        ("blob", f"azureml/{ONE}", {ONE}),
        ("files", f"/dataset//{TWO}/out/part-1.csv", {TWO}),
        ("blob", f"ExperimentRun/dcid.{ONE}/outputs/model.pkl", {ONE}),
        ("blob", f"ExperimentRun/{ONE}", set()),
        ("alias", f"{ONE}/out", {ONE}),
        ("above", f"[1]/blob/azureml/{ONE}", {ONE}),
        ("blob", "azureml/*/out/*.csv", {ONE, TWO}),
        ("blob", "azureml/6d0c*/out", {ONE}),
        ("blob", "dataset/**/x.csv", {ONE, TWO}),
        ("blob", "**/x.csv", {ONE, TWO}),
        ("alias", f"{TWO[:8]}-????-*/**", {TWO}),
        ("blob", f"azureml/{ONE}/*.csv", {ONE}),
        ("blob", "azureml/another", set()),
        ("blob", "in/iris.csv", set()),
        ("other", f"azureml/{ONE}", set()),
        ("unknown", f"azureml/{ONE}", set()),
    ],
)
def test_a_place_leads_into_folders_of(datastore: str, path: str, owners: set[str]) -> None:
    assert PLACES.owners(datastore, path, above=False) == owners
    assert PLACES.owners(datastore, path, above=True) == owners


@pytest.mark.parametrize("datastore, path", [("blob", ""), ("blob", "azureml"), ("alias", "/"), ("blob", "*")])
def test_a_folder_above_counts_only_when_asked(datastore: str, path: str) -> None:
    assert PLACES.owners(datastore, path, above=True) == {ONE, TWO}
    assert PLACES.owners(datastore, path, above=False) == set()
