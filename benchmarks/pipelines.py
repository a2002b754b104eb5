"""The pipelines that are measured, and their twins of bare processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from azud import DataReference, Pipeline, PipelineData, PythonScriptStep

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = 2


def source_folder(folder: str, *scripts: str) -> str:
    """Return a new folder that holds copies of these scripts and nothing else."""
    os.makedirs(folder, exist_ok=True)
    for script in scripts:
        shutil.copy(os.path.join(HERE, script), folder)
    return folder


def chain(workspace: Any, source: str, length: int, *, allow_reuse: bool = False) -> Pipeline:
    """Return a pipeline whose every step reads what the one before it wrote."""
    store = workspace.get_default_datastore()
    last: Any = DataReference(store, data_reference_name="source", path_on_datastore="source.txt")
    steps = []
    for number in range(length):
        output = PipelineData(f"copy{number}", datastore=store)
        steps.append(_step(source, number, last, output, allow_reuse=allow_reuse))
        last = output
    return Pipeline(workspace, steps=steps)


def independent(workspace: Any, source: str, count: int, *, allow_reuse: bool = False) -> Pipeline:
    """Return a pipeline of steps that all read the same file."""
    store = workspace.get_default_datastore()
    text = DataReference(store, data_reference_name="source", path_on_datastore="source.txt")
    outputs = [PipelineData(f"copy{number}", datastore=store) for number in range(count)]
    steps = [_step(source, number, text, out, allow_reuse=allow_reuse) for number, out in enumerate(outputs)]
    return Pipeline(workspace, steps=steps)


def _step(source: str, number: int, read: Any, write: Any, *, allow_reuse: bool) -> Any:
    return PythonScriptStep(
        name=f"copy {number}",
        script_name="step.py",
        source_directory=source,
        arguments=["--input", read, "--output", write, "--number", number],
        inputs=[read],
        outputs=[write],
        allow_reuse=allow_reuse,
    )


def bare_chain(folder: str, text: str, length: int) -> None:
    """Run the chain's twin: one process after another."""
    last = text
    for number in range(length):
        output = os.path.join(folder, f"copy{number}")
        _bare(folder, number, last, output)
        last = output


def bare_independent(folder: str, text: str, count: int) -> None:
    """Run the twin of independent steps: a pool of two workers, a process for each step."""
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(_bare, folder, n, text, os.path.join(folder, f"copy{n}")) for n in range(count)]
        for job in jobs:
            job.result()


def _bare(folder: str, number: int, read: str, write: str) -> None:
    script, metrics = os.path.join(HERE, "bare.py"), os.path.join(folder, "metrics.jsonl")
    words = ["--input", read, "--output", write, "--number", str(number), "--metrics", metrics]
    subprocess.run([sys.executable, script, *words], check=True)
