"""Where registered data come from and what came of them, through datasets and through outputs of steps.

A graph of two kinds of nodes. Datasets are registered versions, or definitions that were read without a name. Steps are
step runs. The edges are what was recorded: who read what (`data_uses`), who made what (`dataset_makers`), and what the
steps of a run handed to each other (its definition). Both directions are read from the same rows, so what lies behind
a node lies before it seen from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from azud.model.data import DatasetRecord
from azud.model.lineage import (
    DATASET,
    OUTPUT,
    READ,
    STEP,
    DataUse,
    Lineage,
    LineageEdge,
    LineageNode,
    RunDataset,
    RunDatasets,
)
from azud.services.lineage_ports import Handed, LineageStore, Made

MOST_NODES = 2_000
"""So many nodes are followed in each direction; beyond that an answer says that it is cut."""
_Version = tuple[str, int]
_Known = dict[str, LineageNode]


class LineageService:
    """Follows data.

    Args:
        store: What was read and made.
    """

    def __init__(self, store: LineageStore) -> None:
        self._store = store

    def of_version(self, record: DatasetRecord, depth: int | None = None) -> Lineage:
        """Return what a registered version came from and what came of it.

        Args:
            record: The version.
            depth: Follow so many edges at most; None follows all.
        """
        root = _version_node(record)
        back = _Walk(self._store, root, _Backward(self._store), depth)
        forward = _Walk(self._store, root, _Forward(self._store), depth)
        nodes = {**back.nodes, **forward.nodes}
        return Lineage(root.id, nodes, tuple(back.edges), tuple(forward.edges), back.cut or forward.cut)

    def of_run(self, run_id: str) -> RunDatasets:
        """Return the datasets that a step run, or each step of a run, read and made.

        What a step took over, the step run that it was reused from has made. Outputs that were not registered are no
        datasets here; `GET /runs/{id}/outputs` has them.
        """
        steps = self._store.step_ids(run_id)
        uses = [use for use in self._store.uses_by(steps) if use.dataset_id]
        holders: dict[str, list[str]] = {}
        for step in self._store.steps(steps).values():
            holders.setdefault(step.reused_from or step.id, []).append(step.id)
        made = self._store.made(holders)
        names = [(use.name, use.version) for use in uses if use.name and use.version]
        found = self._store.versions([*names, *((item.name, item.version) for item in made)])
        versions = {(item.name, item.version): item for item in found}
        saved = self._store.saved(use.dataset_id or "" for use in uses)
        inputs = []
        for use in uses:
            record = versions.get((use.name or "", use.version or 0))
            if record is None or record.id != use.dataset_id:
                record = saved.get(use.dataset_id or "")
            if record is not None:
                inputs.append(RunDataset(use.step_run_id, use.kind, use.port, record))
        outputs = [
            RunDataset(step, item.how, item.output, versions[item.name, item.version])
            for item in made
            for step in holders[item.step_run_id]
            if (item.name, item.version) in versions
        ]
        return RunDatasets(tuple(inputs), tuple(outputs))


class _Walk:
    """One breadth-first walk from a node in one direction; what a level leads to is told in the order of its making."""

    def __init__(
        self, store: LineageStore, root: LineageNode, direction: _Backward | _Forward, depth: int | None
    ) -> None:
        self._names = _Names(store)
        self.nodes: _Known = {root.id: root}
        self.edges: list[LineageEdge] = []
        self.cut = False
        told: set[tuple[str, str, str]] = set()
        level, levels = [root], 0
        while level and not self.cut and levels != depth:
            levels += 1
            found = list(direction.edges(level))
            described = self._names.of(end for _, end, _ in found if end.id not in self.nodes)
            found.sort(key=lambda item: described.get(item[1].id, item[1]).at)
            level = []
            for start, end, via in found:
                if end.id not in self.nodes:
                    if len(self.nodes) >= MOST_NODES:
                        self.cut = True
                        continue
                    self.nodes[end.id] = described[end.id]
                    level.append(described[end.id])
                edge = (start.id, end.id, via) if direction.with_time else (end.id, start.id, via)
                if edge not in told:
                    told.add(edge)
                    self.edges.append(LineageEdge(*edge))


_Step = tuple[LineageNode, LineageNode, str]
"""Where a walk is, where it goes, and through what."""


class _Direction:
    """What both directions need: nodes of one level, by what the store knows them by."""

    with_time = False

    def __init__(self, store: LineageStore) -> None:
        self._store = store
        self._handed: dict[str, Sequence[Handed]] = {}

    def edges(self, level: Sequence[LineageNode]) -> Iterator[_Step]:
        """Yield the ways from the nodes of a level."""
        datasets = [node for node in level if node.kind == DATASET]
        steps = {node.step_run_id or "": node for node in level if node.kind == STEP}
        if datasets:
            yield from self._from_datasets(datasets)
        if steps:
            yield from self._from_steps(steps)

    def _from_datasets(self, datasets: Sequence[LineageNode]) -> Iterator[_Step]:
        raise NotImplementedError

    def _from_steps(self, steps: Mapping[str, LineageNode]) -> Iterator[_Step]:
        raise NotImplementedError

    def _handed_in(self, steps: Mapping[str, LineageNode]) -> Iterator[Handed]:
        """Yield what was handed between steps in the runs of these steps, each run read once in a walk."""
        for run_id in dict.fromkeys(node.run_id for node in steps.values() if node.run_id):
            if run_id not in self._handed:
                self._handed[run_id] = self._store.handed(run_id)
            yield from self._handed[run_id]


class _Backward(_Direction):
    """From what was made to what it was made of."""

    def _from_datasets(self, datasets: Sequence[LineageNode]) -> Iterator[_Step]:
        named = {(node.name, node.version or 0): node for node in datasets if node.registered}
        for made in self._store.makers(named):
            yield named[made.name, made.version], _step_node(made.step_run_id), _made_via(made)

    def _from_steps(self, steps: Mapping[str, LineageNode]) -> Iterator[_Step]:
        uses = self._store.uses_by(steps)
        unnamed = _by_id(self._store.versions_of(use.dataset_id for use in uses if use.dataset_id and not use.name))
        for use in uses:
            start = steps[use.step_run_id]
            if use.output_of is not None:
                yield start, _step_node(use.output_of), use.port
            for node in _read_nodes(use, unnamed):
                yield start, node, _use_via(use)
        for item in self._handed_in(steps):
            if item.target in steps:
                yield steps[item.target], _step_node(item.source), item.output


class _Forward(_Direction):
    """From what was read to what was made of it."""

    with_time = True

    def _from_datasets(self, datasets: Sequence[LineageNode]) -> Iterator[_Step]:
        uses = self._store.uses_of(node.dataset_id or "" for node in datasets)
        unnamed = _by_id(self._store.versions_of(use.dataset_id for use in uses if use.dataset_id and not use.name))
        here = {node.id: node for node in datasets}
        for use in uses:
            for node in _read_nodes(use, unnamed):
                if node.id in here:
                    yield here[node.id], _step_node(use.step_run_id), _use_via(use)

    def _from_steps(self, steps: Mapping[str, LineageNode]) -> Iterator[_Step]:
        made = self._store.made(steps)
        records = {(item.name, item.version): item for item in self._store.versions((m.name, m.version) for m in made)}
        for item in made:
            record = records.get((item.name, item.version))
            if record is not None:
                yield steps[item.step_run_id], _version_node(record), _made_via(item)
        for use in self._store.uses_of_outputs(steps):
            yield steps[use.output_of or ""], _step_node(use.step_run_id), use.port
        for handed in self._handed_in(steps):
            if handed.source in steps:
                yield steps[handed.source], _step_node(handed.target), handed.output


class _Names:
    """Fills in what is known of nodes that a walk comes to."""

    def __init__(self, store: LineageStore) -> None:
        self._store = store

    def of(self, nodes: Iterable[LineageNode]) -> _Known:
        """Return the nodes with all that is known of them, by id."""
        found = {node.id: node for node in nodes}
        return {**found, **self._steps(found), **self._datasets(found)}

    def _steps(self, nodes: _Known) -> _Known:
        asked = {node.step_run_id or "": node.id for node in nodes.values() if node.kind == STEP}
        records = self._store.steps(asked) if asked else {}
        scripts = self._store.script_runs(item.parent_id or "" for item in records.values()) if records else frozenset()
        return {
            asked[record.id]: LineageNode(
                asked[record.id],
                STEP,
                record.name if record.parent_id not in scripts else "",
                step_run_id=record.id,
                run_id=record.parent_id,
                experiment=record.experiment,
                status=record.status,
                reused_from=record.reused_from,
                at=record.created_at,
            )
            for record in records.values()
        }

    def _datasets(self, nodes: _Known) -> _Known:
        datasets = [node for node in nodes.values() if node.kind == DATASET]
        if not datasets:
            return {}
        named = {(node.name, node.version): node.id for node in datasets if node.version}
        versions = self._store.versions((name, version or 0) for name, version in named)
        made = {node.id: node for node in map(_version_node, versions) if node.id in nodes}
        saved = self._store.saved(node.dataset_id or "" for node in datasets if not node.version)
        for node in datasets:
            record = None if node.version else saved.get(node.dataset_id or "")
            if record is not None:
                made[node.id] = LineageNode(
                    node.id, DATASET, places_of(record), dataset_id=record.id, at=record.created_at
                )
        return made


def places_of(record: DatasetRecord) -> str:
    """Say where a dataset lies."""
    places = [f"{place.datastore}:{place.path}" for place in record.definition.locations]
    return ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _version_node(record: DatasetRecord) -> LineageNode:
    return LineageNode(
        _dataset_id(record.name, record.version, record.id),
        DATASET,
        record.name,
        version=record.version,
        dataset_id=record.id,
        registered=True,
        drifted=record.drifted,
        at=record.created_at,
    )


def _dataset_id(name: str | None, version: int | None, dataset_id: str) -> str:
    return f"dataset:{name}:{version}:{dataset_id}" if name else f"dataset::{dataset_id}"


def _step_node(step_run_id: str) -> LineageNode:
    return LineageNode(f"step:{step_run_id}", STEP, "", step_run_id=step_run_id)


def _read_nodes(use: DataUse, unnamed: Mapping[str, Sequence[DatasetRecord]]) -> list[LineageNode]:
    """Return the datasets that a use is one of: those registered with its definition, if it was read without a name."""
    if use.dataset_id is None:
        return []
    if not use.name and use.dataset_id in unnamed:
        return [_version_node(record) for record in unnamed[use.dataset_id]]
    node_id = _dataset_id(use.name, use.version, use.dataset_id)
    return [LineageNode(node_id, DATASET, use.name or "", version=use.version, dataset_id=use.dataset_id)]


def _by_id(records: Iterable[DatasetRecord]) -> dict[str, list[DatasetRecord]]:
    found: dict[str, list[DatasetRecord]] = {}
    for record in records:
        found.setdefault(record.id, []).append(record)
    return found


def _use_via(use: DataUse) -> str:
    return "read in the script" if use.kind == READ else use.port


def _made_via(made: Made) -> str:
    return made.output if made.how == OUTPUT and made.output else made.how
