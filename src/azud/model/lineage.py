"""Where data come from and where they go: what step runs read, what they made, and the graph of both."""

from __future__ import annotations

import dataclasses
from typing import Dict, Optional, Tuple

from azud.model.data import DatasetRecord

INPUT, READ = "input", "read"
"""How a step run came to its data: as a declared input, or by reading them through the SDK."""
OUTPUT, REGISTERED = "output", "registered"
"""How a step run made a version: its files are what the step run sealed, or the job registered it."""
STEP, DATASET = "step", "dataset"


@dataclasses.dataclass(frozen=True)
class DataUse:
    """Something that a step run read and that no step of the same run handed over.

    Args:
        step_run_id: Who read.
        kind: `INPUT` or `READ`.
        position: Counts what the step run read of this kind, from 0.
        port: The input's name; "" for what was not declared.
        dataset_id: The saved id of the dataset that was read, or None.
        name: Its registered name, or None.
        version: Its registered version, or None.
        output_of: The step run of another run whose sealed output was read, or None.
    """

    step_run_id: str
    kind: str
    position: int
    port: str = ""
    dataset_id: Optional[str] = None
    name: Optional[str] = None
    version: Optional[int] = None
    output_of: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class RunDataset:
    """A dataset that a step run read or made.

    Args:
        step_run_id: The step run.
        kind: `INPUT`, `READ`, `OUTPUT` or `REGISTERED`.
        port: The input or output; "" for what was read or registered in the script.
        dataset: With its name and version, if it has them.
    """

    step_run_id: str
    kind: str
    port: str
    dataset: DatasetRecord


@dataclasses.dataclass(frozen=True)
class RunDatasets:
    """What a run read (`inputs`) and made (`outputs`) of datasets."""

    inputs: Tuple[RunDataset, ...] = ()
    outputs: Tuple[RunDataset, ...] = ()


@dataclasses.dataclass(frozen=True)
class LineageNode:
    """A dataset or a step run.

    Args:
        id: Unique in its graph.
        kind: `DATASET` or `STEP`.
        name: Registered name, or the places of a dataset without one; the name of a step.
        version: Of a registered dataset.
        dataset_id: Saved id of a dataset.
        registered: Whether a dataset has its name and version still.
        drifted: As in `DatasetRecord`.
        step_run_id: Of a step run.
        run_id: The run that people see: of a step its pipeline run.
        experiment, status: Of a step run; "" if it was removed.
        reused_from: The step run whose result it took over, or None.
        at: When the dataset was registered, or the step run was made.
    """

    id: str
    kind: str
    name: str
    version: Optional[int] = None
    dataset_id: Optional[str] = None
    registered: bool = False
    drifted: Optional[bool] = None
    step_run_id: Optional[str] = None
    run_id: Optional[str] = None
    experiment: str = ""
    status: str = ""
    reused_from: Optional[str] = None
    at: str = ""


@dataclasses.dataclass(frozen=True)
class LineageEdge:
    """Data went from a node to another; `via` is the input or output through which, or a word for how."""

    source: str
    target: str
    via: str = ""


@dataclasses.dataclass(frozen=True)
class Lineage:
    """What a dataset came from (`back`) and what came of it (`forward`).

    Args:
        root: Id of the node that was asked about.
        nodes: By id.
        cut: Whether there is more than was followed.
    """

    root: str
    nodes: Dict[str, LineageNode]
    back: Tuple[LineageEdge, ...] = ()
    forward: Tuple[LineageEdge, ...] = ()
    cut: bool = False
