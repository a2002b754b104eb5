"""`azud run PROGRAM [ARGS]`: the user's Python, with the `azureml` package on its path.

Standard library and `azud.client` only: this runs before every pipeline, and ends by becoming the program.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from azud.client.library import library_path
from azud.core import durable
from azud.core.errors import UserError
from azud.core.ids import new_uuid

SUBMISSION_VARIABLE = "AZUD_SUBMISSION_ID"
SUBMISSION_PROPERTY = "azud.submission"

# Not `-m`: the current folder would come first on the path, and a `json.py` in it with it.
_START_NOTEBOOK = (
    "import sys; sys.path[:1] == [''] and sys.path.pop(0); "
    "from azud.job.notebook import main; sys.exit(main(sys.argv[1:]))"
)

HELP = """\
Usage: azud run [--python PATH] [--wait | --no-wait] PROGRAM [ARGS]...

  Run a Python program or notebook (.ipynb) that uses the Azure ML SDK v1, or azud's own.

  The program runs in the active virtual or conda environment, else in azud's own Python, and finds the
  packages `azureml` and `azud` there; nothing is installed into the environment.

Options:
  --python PATH  The interpreter, or the folder of an environment, to run the program with.
  --wait         Stay until the runs that the program submitted have ended. The default in CI (variable CI
                 set) and as the first process of a container.
  --no-wait      End with the program, in CI too. Its runs go on.
  --help         Show this message and exit.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the program; without waiting this does not return, because azud becomes the program.

    Raises:
        UserError: No program, no such file, or an interpreter that cannot be run.
    """
    flags = {"--wait": ("wait", "yes"), "--no-wait": ("wait", "no")}
    options, rest = parse_words("run", arguments, flags)
    if options.get("help"):
        sys.stdout.write(HELP)
        return 0
    program = checked_program("run", rest)
    interpreter = resolve_interpreter(options.get("python"), os.environ)
    argv = program_argv(interpreter, [program, *rest[1:]])
    env = program_environment(os.environ, library_path())
    if _stays(options, os.environ):
        return _run_and_wait(argv, env)
    _become(argv, env)


def _become(argv: list[str], env: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        durable.exec_replace(argv, env, point="cli.run")
    except OSError as error:
        raise cannot_start(argv[0], error) from error


def parse_words(
    command: str, arguments: Sequence[str], flags: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, str], list[str]]:
    """Split azud's options, which stand before the program, from the program and its arguments.

    Args:
        command: `run` or `plan`.
        arguments: What stands after it.
        flags: Name and value of the options without an argument, beside `--help`; all know `--python`.

    Raises:
        UserError: There is no such option.
    """
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        name, has_value, value = word.partition("=")
        if word == "--":
            break
        if word in flags:
            options.update([flags[word]])
        elif word in ("--help", "-h"):
            options["help"] = "yes"
        elif name == "--python":
            if not has_value and not rest:
                raise UserError("--python needs a path", hint="for example: --python .venv/bin/python")
            options["python"] = value if has_value else rest.pop(0)
        else:
            raise UserError(
                f"azud {command} has no option {word!r}",
                hint=f"options of the program stand after it; azud {command} --help lists azud's own",
            )
    return options, rest


def checked_program(command: str, rest: Sequence[str]) -> str:
    """Return the program, which is the first of these words.

    Raises:
        UserError: There is none, or no such file.
    """
    if not rest:
        raise UserError(f"azud {command} needs a program", hint=f"for example: azud {command} pipeline.py")
    program = rest[0]
    if os.path.isdir(program):
        raise UserError(f"{program} is a folder", hint="name the Python file in it that submits the pipeline")
    if not os.path.exists(program):
        raise UserError(
            f"there is no file {program}",
            hint=f"you are in {os.getcwd()}; azud new NAME DIR makes a project with a pipeline to start from",
        )
    return program


def program_argv(interpreter: str, words: Sequence[str]) -> list[str]:
    """Return the command line that runs a program, which is the first of these words: a Python file or a notebook."""
    if words[0].endswith(".ipynb"):
        return [interpreter, "-c", _START_NOTEBOOK, *words]
    return [interpreter, *words]


def resolve_interpreter(choice: str | None, environ: Mapping[str, str]) -> str:
    """Return the absolute path of the Python that runs the user's program.

    Args:
        choice: What `--python` said: an interpreter, the folder of an environment, or None.
        environ: Where VIRTUAL_ENV and CONDA_PREFIX are looked up.

    Raises:
        UserError: There is no interpreter where one was asked for.
    """
    if choice is not None:
        return _checked_interpreter(choice, "--python")
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            return _checked_interpreter(environ[variable], variable)
    return sys.executable


def _checked_interpreter(path: str, origin: str) -> str:
    # Links are not resolved: a virtual environment's python is a link, and its place is its meaning.
    candidate = os.path.abspath(os.path.expanduser(path))
    if os.path.isdir(candidate):
        candidate = os.path.join(candidate, "bin", "python")
    if not os.path.isfile(candidate):
        raise UserError(
            f"{origin}: there is no Python at {candidate}",
            hint="give --python the path of an interpreter or of an environment's folder",
        )
    if not os.access(candidate, os.X_OK):
        raise UserError(f"{origin}: {candidate} is not executable", hint="choose another with --python")
    return candidate


def program_environment(environ: Mapping[str, str], library: str) -> dict[str, str]:
    """Return the variables of the user's program: their own, and where azud's packages are."""
    env = dict(environ)
    others = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path and path != library]
    env["PYTHONPATH"] = os.pathsep.join([library, *others])
    env["AZUD_LIBRARY_PATH"] = library
    env["AZUD_SERVER_PYTHON"] = sys.executable
    return env


def _stays(options: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    if "wait" in options:
        return options["wait"] == "yes"
    return os.getpid() == 1 or environ.get("CI", "").lower() not in ("", "0", "false")


def _run_and_wait(argv: list[str], env: dict[str, str]) -> int:
    """Run the program as a child, then wait for what it submitted: when this ends, so does the machine."""
    env[SUBMISSION_VARIABLE] = submission = new_uuid()
    try:
        child = durable.spawn(argv, env=env, point="cli.run.child")
    except OSError as error:
        raise cannot_start(argv[0], error) from error
    # Ctrl-C reaches the program itself, through the terminal. The first process of a container ignores what
    # it has no handler for, so SIGTERM is handed on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: child.send_signal(number))
    code = child.wait()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if code < 0:
        return 128 - code
    from azud.cli import waiting

    failed = waiting.wait_for_submission(submission)
    return code or (1 if failed else 0)


def cannot_start(interpreter: str, error: OSError) -> UserError:
    """Return the error for an interpreter that the system cannot start."""
    return UserError(
        f"{interpreter} cannot be started: {error.strerror}",
        hint="choose another interpreter with --python",
    )
