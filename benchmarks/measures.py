"""What is measured: each function returns its lines of the table. `MEASURES` is the whole list."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from azud import Experiment, Pipeline, PythonScriptStep
from azud.cli.run import program_environment
from azud.client.homes import load_home
from azud.client.launch import connect
from azud.client.library import library_path
from benchmarks import pipelines, reusing, stores, tables
from benchmarks.bench import Place, Result, fresh_place, quiet, stop_server, twins

Measure = Callable[[bool], list[Result]]

_IMPORT = "import azureml.core, azureml.data, azureml.pipeline.core, azureml.pipeline.steps"
_TIMED_IMPORT = f"import time; start = time.perf_counter(); {_IMPORT}; print(time.perf_counter() - start)"
_FOREIGN = (
    f"import sys; before = set(sys.modules); {_IMPORT}; "
    "roots = {name.partition('.')[0] for name in set(sys.modules) - before}; "
    "print(*sorted(roots - set(sys.stdlib_module_names) - {'azud', 'azureml'}))"
)


def sdk_import(quick: bool) -> list[Result]:
    """The SDK's import in a fresh interpreter, and that it is standard library only."""
    env = program_environment(os.environ, library_path())

    def say(code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout

    foreign = say(_FOREIGN).split()
    if foreign:
        raise RuntimeError(f"the SDK imports more than the standard library: {', '.join(foreign)}")
    seconds = statistics.median(float(say(_TIMED_IMPORT)) for _ in range(5 if quick else 15))
    return [Result("SDK import", seconds * 1000, "ms", 50, "standard library only")]


def server_start(quick: bool) -> list[Result]:
    """From no server to its first answer, in a new workspace and in one that has been used; and its memory."""
    with fresh_place() as place:
        times = []
        for _ in range(2 if quick else 5):
            stop_server(place.home)
            start = time.perf_counter()
            connect(load_home(place.home)).get("/server")
            times.append(time.perf_counter() - start)
        time.sleep(1.0)
        idle = place.client.get("/server")["rss_bytes"] / 1e6
    return [
        Result("server cold start", statistics.median(times), "s", 1.0, "to the first answer"),
        Result("server memory, idle", idle, "MB", 100),
    ]


def submit(quick: bool) -> list[Result]:
    """`experiment.submit` of a pipeline of 50 steps on a warm server."""
    times = []
    with fresh_place() as place:
        place.run(pipelines.independent(place.workspace, place.source, 50))
        for _ in range(2 if quick else 5):
            pipeline = pipelines.independent(place.workspace, place.source, 50)
            with quiet():
                start = time.perf_counter()
                run = Experiment(place.workspace, "bench").submit(pipeline)
                times.append(time.perf_counter() - start)
                run.wait_for_completion(show_output=False)
    return [Result("submit of 50 steps", statistics.median(times) * 1000, "ms", 50, "warm server")]


def one_step(quick: bool) -> list[Result]:
    """`azud run` of a program with one step, as a whole command, on a warm server."""
    command = [sys.executable, "-m", "azud.cli", "run", "--no-wait", os.path.join(pipelines.HERE, "one_step.py")]
    times = []
    with fresh_place() as place:
        env = {**os.environ, "AZUD_BENCH_SOURCE": place.source}
        env.pop("VIRTUAL_ENV", None)
        for _ in range(4 if quick else 12):
            start = time.perf_counter()
            subprocess.run(command, cwd=place.folder, env=env, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    seconds = statistics.median(times[2:])
    return [Result("one-step pipeline, whole command", seconds, "s", 0.15, "azud run … on a warm server")]


def chain(quick: bool) -> list[Result]:
    """20 steps one after another."""
    with fresh_place() as place:
        return [_chain(place, "chain of 20", 0.8, 1 if quick else 5)]


def parallel(quick: bool) -> list[Result]:
    """50 steps on two slots."""
    with fresh_place() as place:
        return [_independent(place, "50 parallel", 50, 0.8, 1 if quick else 5)]


def thousand(quick: bool) -> list[Result]:
    """1,000 steps on two slots, with the server's memory while they run."""
    count = 200 if quick else 1000
    with fresh_place() as place, _Memory(place) as memory:
        speed = _independent(place, f"{count:,} independent", count, 0.8, 1 if quick else 3)
    return [speed, Result(f"server memory, {count:,} steps", memory.most, "MB", 250)]


def fresh_interpreters(quick: bool) -> list[Result]:
    """The same with `launch = "exec"`: a fresh interpreter for every step."""
    count, repeats = (200, 1) if quick else (1000, 1)
    with fresh_place(launch="exec") as place:
        return [
            _chain(place, "chain of 20, fresh interpreters", 1.6, 1 if quick else 3),
            _independent(place, "50 parallel, fresh interpreters", 50, 1.6, 1 if quick else 3),
            _independent(place, f"{count:,} independent, fresh interpreters", count, 1.6, repeats),
        ]


def reused(quick: bool) -> list[Result]:
    """A pipeline of 1,000 steps that are all reused."""
    count = 200 if quick else 1000
    with fresh_place() as place:
        place.run(pipelines.independent(place.workspace, place.source, count, allow_reuse=True))
        while _is_being_tidied(place):  # what the steps left is removed when nothing runs
            time.sleep(0.1)
        times = [
            place.run(pipelines.independent(place.workspace, place.source, count, allow_reuse=True))
            for _ in range(2 if quick else 5)
        ]
        newest = place.client.get("/runs", {"limit": 1})["value"][0]
        steps = place.client.get(f"/runs/{newest['id']}/steps")["value"]
        if not all(step["reused_from"] for step in steps):
            raise RuntimeError("not every step was reused")
    return [Result(f"{count:,} reused steps", statistics.median(times), "s", 0.25, "submit to finished")]


def why(quick: bool) -> list[Result]:
    """`azud why` of a changed step, as a whole command, after 30 others with other keys."""
    command = [sys.executable, "-m", "azud.cli", "why", "latest"]
    times = []
    with fresh_place() as place:
        script = os.path.join(place.source, "step.py")
        with open(script, encoding="utf-8") as stream:
            code = stream.read()
        for number in range(5 if quick else 31):
            with open(script, "w", encoding="utf-8") as stream:
                stream.write(f"{code}# {number}\n")
            place.run(pipelines.independent(place.workspace, place.source, 1))
        for _ in range(4 if quick else 12):
            start = time.perf_counter()
            subprocess.run(command, cwd=place.folder, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    return [Result("azud why, whole command", statistics.median(times[2:]), "s", 0.2, "30 earlier keys, warm server")]


def plan(quick: bool) -> list[Result]:
    """`Pipeline.plan` of 1,000 steps that are all new, of the same when they have run, and of a chain that has."""
    count, repeats = (200, 2) if quick else (1000, 7)

    def steps(place: Place) -> Pipeline:
        return pipelines.independent(place.workspace, place.source, count, allow_reuse=True)

    def chained(place: Place) -> Pipeline:
        return pipelines.chain(place.workspace, place.source, count, allow_reuse=True)

    with fresh_place() as place:
        place.run(pipelines.independent(place.workspace, place.source, 4))
        new = _plan(place, steps, repeats, run=count)
        place.run(steps(place))
        same = _plan(place, steps, repeats, reuse=count)
        place.run(chained(place))
        chain_ = _plan(place, chained, repeats, reuse=count)
    return [
        Result(f"plan of {count:,} new steps", new, "s", 0.5, "warm server"),
        Result(f"plan of {count:,} reused steps", same, "s", 0.5, "warm server"),
        Result(f"plan of a reused chain of {count:,}", chain_, "s", 0.5, "warm server"),
    ]


def _plan(place: Place, make: Callable[[Place], Pipeline], repeats: int, **wanted: int) -> float:
    """Return the median seconds of a plan, after checking what it says."""
    times = []
    for _ in range(repeats):
        pipeline = make(place)
        start = time.perf_counter()
        totals = pipeline.plan().totals
        times.append(time.perf_counter() - start)
        if any(getattr(totals, name) != number for name, number in wanted.items()):
            raise RuntimeError(f"not the plan that was expected: {totals}")
    return statistics.median(times)


def logging(quick: bool) -> list[Result]:
    """What one `run.log` costs the job."""
    with fresh_place() as place:
        source = pipelines.source_folder(os.path.join(place.folder, "log"), "log_cost.py")
        times = []
        for _ in range(1 if quick else 3):
            step = PythonScriptStep("log_cost.py", name="log", source_directory=source, allow_reuse=False)
            place.run(Pipeline(place.workspace, steps=[step]))
            newest = place.client.get("/runs", {"limit": 1})["value"][0]
            step_run = place.client.get(f"/runs/{newest['id']}/steps")["value"][0]
            points = place.client.get(f"/runs/{step_run['id']}/metrics")["points"]
            times.extend(point["value"] for point in points if point["name"] == "microseconds per call")
    return [Result("run.log", statistics.median(times), "µs", 20, "a call")]


MEASURES: dict[str, Measure] = {
    "import": sdk_import,
    "server": server_start,
    "submit": submit,
    "one-step": one_step,
    "chain": chain,
    "parallel": parallel,
    "thousand": thousand,
    "exec": fresh_interpreters,
    "reused": reused,
    "why": why,
    "plan": plan,
    "sealing": reusing.sealing,
    "lookup": reusing.lookup,
    "rehash": reusing.rehash,
    "log": logging,
    "stores": stores.stores,
    "tables": tables.tables,
}


def _chain(place: Place, name: str, limit: float, repeats: int) -> Result:
    place.run(pipelines.chain(place.workspace, place.source, 3))
    bare = _bare_folder(place)
    ours, others = twins(
        lambda: place.run(pipelines.chain(place.workspace, place.source, 20)),
        lambda: pipelines.bare_chain(bare, place.text, 20),
        repeats,
    )
    return _ratio(name, ours, others, limit)


def _independent(place: Place, name: str, count: int, limit: float, repeats: int) -> Result:
    place.run(pipelines.independent(place.workspace, place.source, 4))
    bare = _bare_folder(place)
    ours, others = twins(
        lambda: place.run(pipelines.independent(place.workspace, place.source, count)),
        lambda: pipelines.bare_independent(bare, place.text, count),
        repeats,
    )
    return _ratio(name, ours, others, limit)


def _bare_folder(place: Place) -> str:
    folder = os.path.join(place.folder, "bare")
    os.makedirs(folder, exist_ok=True)
    return folder


def _ratio(name: str, ours: float, others: float, limit: float) -> Result:
    return Result(name, ours / others, "×", limit, f"{ours:.2f} s beside {others:.2f} s bare")


def _is_being_tidied(place: Place) -> bool:
    """Return whether working folders of completed attempts are still there."""
    with os.scandir(os.path.join(place.home, "attempts")) as entries:
        return any(os.path.isdir(os.path.join(entry.path, "work")) for entry in entries)


class _Memory:
    """Watches the server's resident memory; `most` is in MB."""

    def __init__(self, place: Place) -> None:
        self.most = 0.0
        self._place = place
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self.most = max(self.most, self._place.client.get("/server")["rss_bytes"] / 1e6)
