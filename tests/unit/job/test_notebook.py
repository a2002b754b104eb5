"""Notebooks run as programs, in the interpreter of the jobs."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from azud.cli.run import program_argv

from .conftest import JOB_PYTHON, LIBRARY


@pytest.fixture
def without_ipython(tmp_path: Path) -> str:
    """A folder that hides IPython, if the interpreter of the jobs has it."""
    hidden = tmp_path / "hidden" / "IPython"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('hidden')\n")
    return str(hidden.parent)


def _write(path: Path, *cells: str) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    content = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": content}))


class _Runner:
    def __init__(self, folder: Path, hidden: str) -> None:
        self.folder = folder
        self.env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{LIBRARY}:{hidden}", "HOME": str(folder)}

    def command(self, name: str, *arguments: str) -> list[str]:
        return program_argv(JOB_PYTHON, [name, *arguments])

    def __call__(self, *cells: str, arguments: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        _write(self.folder / "nb" / "n.ipynb", *cells)
        return subprocess.run(
            self.command("nb/n.ipynb", *arguments),
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def run(tmp_path: Path, without_ipython: str) -> _Runner:
    return _Runner(tmp_path, without_ipython)


def test_cells_run_in_order_in_one_main_and_show_their_last_value(run: _Runner) -> None:
    done = run("x = 1", "x + 1", "x + 2;", "None", "_ * 10", "def f():\n    return __name__\nf()", "display(x, 'a')")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["2", "20", "'__main__'", "1", "'a'"]


def test_the_folder_the_path_and_the_arguments_are_the_notebooks(run: _Runner) -> None:
    (run.folder / "nb").mkdir()
    (run.folder / "nb" / "neighbour.py").write_text("NAME = 'neighbour'\n")
    (run.folder / "json.py").write_text("raise SystemExit('the folder where azud was called is not on the path')\n")
    done = run(
        "import neighbour, os, sys, pickle", "print(neighbour.NAME, os.getcwd(), sys.argv)", arguments=("--a", "b")
    )
    assert done.stdout == f"neighbour {run.folder / 'nb'} ['nb/n.ipynb', '--a', 'b']\n", done.stderr


def test_classes_of_a_notebook_can_be_pickled(run: _Runner) -> None:
    done = run("class A:\n    b = 3", "import pickle\npickle.loads(pickle.dumps(A())).b")
    assert done.stdout == "3\n", done.stderr


def test_await_at_the_top(run: _Runner) -> None:
    done = run(
        "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 5", "await f()", "x = await f()\nx"
    )
    assert done.stdout == "5\n5\n", done.stderr


def test_an_error_names_cell_and_line_and_ends_the_program(run: _Runner) -> None:
    done = run("def f():\n    raise ValueError('no')", "print(1)\nf()", "print('never')")
    assert (done.returncode, done.stdout) == (1, "1\n")
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):" and lines[-1] == "ValueError: no"
    assert '  File "n.ipynb cell 2", line 2, in <module>' in lines
    assert '  File "n.ipynb cell 1", line 2, in f' in lines
    assert "    raise ValueError('no')" in lines
    assert "azud" not in done.stderr


def test_a_cell_that_is_no_python_names_its_place(run: _Runner) -> None:
    done = run("x = 1", "\nx = = 2")
    assert done.returncode == 1
    assert 'File "n.ipynb cell 2", line 2' in done.stderr and "SyntaxError" in done.stderr


@pytest.mark.parametrize(
    ("cell", "code"), [("import sys\nsys.exit(7)", 7), ("exit()", 0), ("raise SystemExit('no')", 1)]
)
def test_exit_codes_are_those_of_scripts(cell: str, code: int, run: _Runner) -> None:
    done = run(cell, "print('never')")
    assert (done.returncode, done.stdout) == (code, "")


def test_interrupted(run: _Runner, tmp_path: Path) -> None:
    _write(tmp_path / "n.ipynb", "import time\nprint('up', flush=True)\ntime.sleep(60)")
    child = subprocess.Popen(run.command("n.ipynb"), cwd=tmp_path, env=run.env, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"up\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=30) == 130
    child.stdout.close()


def test_harmless_magics_are_left_out_with_a_notice(run: _Runner) -> None:
    done = run(
        "%matplotlib inline\n%load_ext autoreload\nx = 1\nx?",
        "%%time\n%time y = 2\nprint(y)",
        "%%html\n<b>",
        "!pip install x",
    )
    assert (done.returncode, done.stdout) == (0, "2\n")
    assert "n.ipynb cell 1, line 1: %matplotlib inline is left out" in done.stderr
    assert "n.ipynb cell 1, line 4: x? is left out" in done.stderr
    assert "%%html is not shown here" in done.stderr
    assert "install packages into this environment yourself" in done.stderr


def test_magics_with_an_effect_have_it_where_they_stand(run: _Runner) -> None:
    done = run(
        "import os\nname = 'deep'\nos.makedirs(name)",
        "%%writefile $name/a.py\nA = 1\n",
        "%%writefile -a {name}/a.py\nB = 2",
        "if True:\n    value = 'v'\n    %env AZ_TEST=$value\nprint(os.environ['AZ_TEST'])",
        "%cd deep\nprint(open('a.py').read())",
    )
    assert done.stdout == "v\nA = 1\nB = 2\n\n", done.stderr


@pytest.mark.parametrize(
    "cell", ["x = 1\n!rm -rf nothing", "x = 1\nfiles = !ls", "\n%%bash\nls", "x = 1\n%run other.py"]
)
def test_other_magics_are_refused_by_name_before_their_cell_runs(cell: str, run: _Runner) -> None:
    done = run("print(0)", f"{cell}", "print(1)")
    assert (done.returncode, done.stdout) == (1, "0\n")
    assert done.stderr.startswith("azud: n.ipynb cell 2") and "needs IPython" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_with_ipython_its_magics_run(run: _Runner) -> None:
    run.env["PYTHONPATH"] = LIBRARY
    if subprocess.run([JOB_PYTHON, "-c", "import IPython"], check=False, capture_output=True).returncode:
        pytest.skip("the interpreter of the jobs has no IPython")
    done = run("files = !echo a b\nfiles", "%%bash\necho c", "get_ipython() is not None", "1/0")
    assert (done.returncode, done.stdout) == (1, "['a b']\nc\nTrue\n")
    assert 'File "n.ipynb cell 4", line 1' in done.stderr
    assert not (run.folder / ".ipython").exists() or not list((run.folder / ".ipython").rglob("history.sqlite"))


@pytest.mark.parametrize(
    ("content", "why"), [("{", "not JSON"), ('{"nbformat": 4, "metadata": {"language_info": {"name": "R"}}}', "R")]
)
def test_what_is_no_notebook_is_a_usage_error(content: str, why: str, run: _Runner) -> None:
    (run.folder / "n.ipynb").write_text(content)
    done = subprocess.run(
        run.command("n.ipynb"), cwd=run.folder, env=run.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and why in done.stderr
