"""`azud run`: which Python, which environment, and what it refuses."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest

from azud.cli import run
from azud.core.errors import UserError

Azud = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder that looks like a virtual environment."""
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path / "env"


def azud_run(*arguments: str, cwd: pathlib.Path, **environ: str) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in os.environ.items() if name not in ("CI", "VIRTUAL_ENV", "CONDA_PREFIX")}
    return subprocess.run(
        [sys.executable, "-m", "azud.cli", "run", *arguments],
        cwd=cwd,
        env={**base, "XDG_CACHE_HOME": str(cwd / "cache"), "XDG_DATA_HOME": str(cwd / "data"), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "azud: azud run needs a program\n  hint: for example: azud run pipeline.py\n"),
        (("nope.py",), "azud: there is no file nope.py\n  hint: you are in "),
        (("/",), "azud: / is a folder\n"),
        (("--fast", "p.py"), "azud: azud run has no option '--fast'\n"),
        (("--python",), "azud: --python needs a path\n"),
    ],
)
def test_a_wrong_command_line_is_one_line_a_hint_and_exit_code_2(
    azud: Azud, arguments: tuple[str, ...], says: str
) -> None:
    code, out, err = azud("run", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(says)
    assert "  hint: " in err


def test_help_is_printed_without_typer(azud: Azud) -> None:
    code, out, _ = azud("run", "--help")
    assert code == 0
    assert out == run.HELP


def test_the_interpreter_is_chosen_in_order(environment: pathlib.Path, tmp_path: pathlib.Path) -> None:
    python = str(environment / "bin" / "python")
    conda = {"CONDA_PREFIX": str(environment)}
    assert run.resolve_interpreter(None, {}) == sys.executable
    assert run.resolve_interpreter(None, conda) == python
    assert run.resolve_interpreter(None, {"VIRTUAL_ENV": str(environment), "CONDA_PREFIX": "/none"}) == python
    assert run.resolve_interpreter(sys.executable, conda) == sys.executable
    assert run.resolve_interpreter(str(environment), {}) == python
    with pytest.raises(UserError, match=r"^VIRTUAL_ENV: there is no Python at .*/gone$"):
        run.resolve_interpreter(None, {"VIRTUAL_ENV": str(tmp_path / "gone")})
    plain = tmp_path / "python"
    plain.write_text("")
    with pytest.raises(UserError, match="is not executable"):
        run.resolve_interpreter(str(plain), {})


def test_the_program_keeps_its_variables_and_gets_the_packages_first() -> None:
    env = run.program_environment({"A": "1", "PYTHONPATH": "/mine:/lib:"}, "/lib")
    assert env == {
        "A": "1",
        "PYTHONPATH": "/lib:/mine",
        "AZUD_LIBRARY_PATH": "/lib",
        "AZUD_SERVER_PYTHON": sys.executable,
    }


@pytest.mark.parametrize(
    ("options", "environ", "stays"),
    [
        ({}, {}, False),
        ({}, {"CI": "true"}, True),
        ({}, {"CI": "false"}, False),
        ({"wait": "no"}, {"CI": "1"}, False),
        ({"wait": "yes"}, {}, True),
    ],
)
def test_it_stays_in_ci_and_when_asked(options: dict[str, str], environ: dict[str, str], stays: bool) -> None:
    assert run._stays(options, environ) is stays


def test_the_program_gets_its_arguments_and_its_exit_code_is_ours(tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.py").write_text("import sys; print(sys.argv); sys.exit(7)")
    done = azud_run("p.py", "--python", "x", "--help", cwd=tmp_path)
    assert done.returncode == 7, done.stderr
    assert done.stdout == "['p.py', '--python', 'x', '--help']\n"


def test_waiting_keeps_the_exit_code_too(tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.py").write_text("import os, sys; print(len(os.environ['AZUD_SUBMISSION_ID'])); sys.exit(7)")
    done = azud_run("p.py", cwd=tmp_path, CI="true")
    assert (done.returncode, done.stdout) == (7, "36\n"), done.stderr
    (tmp_path / "p.py").write_text("import os; os.kill(os.getpid(), 9)")
    assert azud_run("--wait", "p.py", cwd=tmp_path).returncode == 137


def test_run_imports_nothing_beyond_the_standard_library(tmp_path: pathlib.Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from azud.cli import entry; entry.main(['run', '--help']);"
        "roots = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(roots - set(sys.stdlib_module_names)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "['azud']\n"


def test_other_commands_do_not_import_rich_or_pydantic_for_help() -> None:
    code = (
        "import sys; from azud.cli import entry; entry.main(['--help']);"
        "print([name for name in ('rich', 'pydantic', 'sqlalchemy') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
