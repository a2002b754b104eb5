"""A table that a step linked to its output: how it is read lies beside its files."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from azud.planning.selecting import Files
from azud.sdk.exceptions import DatasetExecutionError

LINKED = "linked"
"""Format of an output whose step says how it is read, in the file `LINKED_NOTE` among the others."""
LINKED_NOTE = ".azud-table.json"


def linked_table(files: Files, definition: Dict[str, Any]) -> Tuple[Files, Dict[str, Any]]:
    """Return the files of a table that a step linked to its output, and how they are read."""
    import json

    notes = [path for path, name in files if name == LINKED_NOTE]
    if not notes:
        raise DatasetExecutionError(
            "this output was not linked with a table", hint="link a TabularDataset: run.output_datasets[name].link(…)"
        )
    with open(notes[0], encoding="utf-8") as stream:
        linked = json.load(stream)
    operations = [*linked["operations"], *definition["operations"]]
    return [item for item in files if item[1] != LINKED_NOTE], dict(linked, operations=operations)
