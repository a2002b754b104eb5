"""Back and forward are one graph: what lies behind a node lies before it seen from there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from azud.model.data import DataLocation, DatasetDefinition, DatasetRecord
from azud.model.lineage import INPUT, OUTPUT, READ, DataUse, LineageEdge
from azud.model.runs import RunRecord
from azud.services.lineage import LineageService
from azud.services.lineage_ports import Handed, Made


class World:
    """`azud.services.lineage_ports.LineageStore` of lists."""

    def __init__(self, records: list[DatasetRecord], uses: list[DataUse], made: list[Made], handed: list[Any]) -> None:
        self.records, self._uses, self._made, self._handed = records, uses, made, handed

    def makers(self, versions: Iterable[tuple[str, int]]) -> list[Made]:
        return [item for item in self._made if (item.name, item.version) in set(versions)]

    def made(self, step_runs: Iterable[str]) -> list[Made]:
        return [item for item in self._made if item.step_run_id in set(step_runs)]

    def uses_by(self, step_runs: Iterable[str]) -> list[DataUse]:
        return [use for use in self._uses if use.step_run_id in set(step_runs)]

    def uses_of(self, dataset_ids: Iterable[str]) -> list[DataUse]:
        wanted = set(dataset_ids)
        return [use for use in self._uses if use.dataset_id in wanted]

    def uses_of_outputs(self, step_runs: Iterable[str]) -> list[DataUse]:
        return [use for use in self._uses if use.output_of in set(step_runs)]

    def versions(self, names: Iterable[tuple[str, int]]) -> list[DatasetRecord]:
        wanted = set(names)
        return [record for record in self.records if (record.name, record.version) in wanted]

    def versions_of(self, dataset_ids: Iterable[str]) -> list[DatasetRecord]:
        wanted = set(dataset_ids)
        return [record for record in self.records if record.id in wanted]

    def saved(self, dataset_ids: Iterable[str]) -> dict[str, DatasetRecord]:
        return {}

    def steps(self, step_runs: Iterable[str]) -> dict[str, RunRecord]:
        return {
            step: RunRecord(step, "azureml.StepRun", "e", "Completed", step, 0, step.partition("-")[0])
            for step in step_runs
        }

    def step_ids(self, run_id: str) -> list[str]:
        return []

    def script_runs(self, runs: Iterable[str]) -> frozenset[str]:
        return frozenset()

    def handed(self, run_id: str) -> list[Handed]:
        return [item for item in self._handed if item.source.startswith(f"{run_id}-")]


RUNS, STEPS = 3, 3
STEP_RUNS = [f"r{run}-{step}" for run in range(RUNS) for step in range(STEPS)]


def _record(name: str, version: int, place: int) -> DatasetRecord:
    definition = DatasetDefinition("file", (DataLocation("store", f"p{place}"),))
    return DatasetRecord(definition.saved_id(), definition, name=name, version=version)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Versions, some with equal definitions, and step runs of three runs that read and make them in any way."""
    records = [_record(name, version, draw(st.integers(0, 3))) for name in "ab" for version in (1, 2)]
    step_runs, known = st.sampled_from(STEP_RUNS), st.sampled_from(records)
    uses, made = [], []
    for position, (step_run, record, how) in enumerate(
        draw(st.lists(st.tuples(step_runs, known, st.integers(0, 2)), max_size=8))
    ):
        if how == 0:  # by name
            uses.append(DataUse(step_run, INPUT, position, "in", record.id, record.name, record.version))
        elif how == 1:  # by its definition alone
            uses.append(DataUse(step_run, READ, position, "", record.id))
        else:
            uses.append(DataUse(step_run, INPUT, position, "in", output_of=draw(step_runs)))
    for step_run, record in draw(st.lists(st.tuples(step_runs, known), max_size=6)):
        made.append(Made(record.name, record.version, step_run, OUTPUT, "out"))
    pairs = st.tuples(st.integers(0, RUNS - 1), st.integers(0, STEPS - 1), st.integers(0, STEPS - 1))
    handed = [Handed(f"r{run}-{a}", f"r{run}-{b}", "o") for run, a, b in draw(st.lists(pairs, max_size=4)) if a < b]
    return World(records, uses, made, handed)


def _paths(edges: Iterable[LineageEdge], start: str, *, forward: bool) -> set[LineageEdge]:
    """Return the edges that lie on a way from a node."""
    edges, found, reached = list(edges), set(), {start}
    while True:
        new = {edge for edge in edges if (edge.source if forward else edge.target) in reached} - found
        if not new:
            return found
        found |= new
        reached |= {edge.target if forward else edge.source for edge in new}


@given(worlds())
def test_forward_and_back_are_inverse(world: World) -> None:
    service = LineageService(world)
    found = {}
    for record in world.records:
        one = service.of_version(record)
        found[one.root] = one
    for one in found.values():
        assert set(one.back) == _paths(one.back, one.root, forward=False)
        assert set(one.forward) == _paths(one.forward, one.root, forward=True)
        assert {end for edge in (*one.back, *one.forward) for end in (edge.source, edge.target)} <= one.nodes.keys()
        for other in found.values():
            comes_after = any(other.root == edge.target for edge in one.forward)
            comes_before = any(one.root == edge.source for edge in other.back)
            assert comes_after == comes_before
            if comes_after:
                between = set(one.forward) & set(other.back)
                assert between, "no edge leads from one to the other"
                assert _paths(other.back, other.root, forward=False) >= between


@given(worlds())
def test_every_node_is_told_once_and_said_what_it_is(world: World) -> None:
    for record in world.records:
        found = LineageService(world).of_version(record)
        assert len(set(found.back)) == len(found.back)
        assert len(set(found.forward)) == len(found.forward)
        for name, node in found.nodes.items():
            assert node.id == name
            assert node.status == "Completed" if node.kind == "step" else node.registered
