"""`azud plan`: its command line, its table and its one line about the whole."""

from __future__ import annotations

import pytest

from azud.cli import plan
from azud.model.plans import PlanTotals, RunPlan, StepPlan, TimeBefore
from azud.model.runs import RunError


def totals(**changes):
    values = {
        **{"run": 0, "reuse": 0, "depends_on": 0, "cannot_run": 0, "bytes_to_move": 0},
        **{"expected_s": None, "low_s": None, "high_s": None},
    }
    return PlanTotals(**{**values, **changes})


def step(name, action, reason, **changes):
    return StepPlan(name, name, action, reason, "local", 2, **changes)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"reuse": 3, "expected_s": 0.0, "low_s": 0.0, "high_s": 0.0}, "3 reused; about 0.0 s"),
        (
            {"run": 1, "depends_on": 2, "bytes_to_move": 2048, "expected_s": 60.0, "low_s": 50.0, "high_s": 70.0},
            "1 would run, 2 depend on these, 2.0 KiB to copy; about 1 min 0 s (50 s to 1 min 10 s)",
        ),
        (
            {"run": 2, "unknown": 1, "expected_s": 5.0, "low_s": 5.0, "high_s": 5.0},
            "2 would run, 0 B to copy; at least 5.0 s: 1 have not run before",
        ),
        ({"run": 1, "unknown": 1}, "1 would run, 0 B to copy; how long that takes is not known"),
        (
            {"cannot_run": 1, "reuse": 1, "expected_s": 0.0, "low_s": 0.0, "high_s": 0.0},
            "1 reused, 1 cannot run; about 0.0 s",
        ),
    ],
)
def test_the_line_about_the_whole(changes, line):
    assert plan.summary(totals(**changes)) == line


def test_a_plan_in_plain_lines(capsys):
    error = RunError("storage", "the data are gone", hint="upload them")
    plan.show(
        RunPlan(
            (
                step("a", "run", "changed", before=TimeBefore(3, 12.0, 10.0, 15.0), bytes_to_move=None),
                step("b", "depends_on", "reused if 'a' …", before=TimeBefore(1, 2.0, 2.0, 2.0), bytes_to_move=1024),
                step("c", "reuse", "the same", source="x"),
                step("d", "cannot_run", "the data are gone", error=error),
            ),
            totals(run=1, depends_on=1, reuse=1, cannot_run=1),
            ("be\ncareful",),
        )
    )
    out, err = capsys.readouterr()
    assert out.splitlines()[:5] == [
        "STEP\tPLAN\tWHY\tTOOK BEFORE\tBYTES",
        "a\trun\tchanged\t12 s (10 s to 15 s, 3 runs)\tnot known",
        "b\tdepends\treused if 'a' …\t2.0 s\t1.0 KiB",
        "c\treuse\tthe same\tnot run before\t",
        "d\tcannot run\tthe data are gone\t\t",
    ]
    assert err == "d: the data are gone\n  hint: upload them\nwarning: be careful\n"


def test_wide_names_are_cut_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("azud.cli.output.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    plan.show(RunPlan((step("n" * 200, "run", "because"),), totals(run=1)))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("n" * 14 + "…")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "azud: azud plan needs a program\n  hint: for example: azud plan pipeline.py\n"),
        (("nope.py",), "azud: there is no file nope.py\n"),
        (("--wait", "p.py"), "azud: azud plan has no option '--wait'\n"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(azud, arguments, says):
    code, out, err = azud("plan", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(says)


def test_help_is_printed_without_typer(azud):
    code, out, _ = azud("plan", "--help")
    assert (code, out) == (0, plan.HELP)
