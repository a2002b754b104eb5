"""Ignore rules, held against git itself and against `pathspec`, which implements the same language."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pathspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azud.sdk.ignore import IgnoreRules, parse_rule

_NAME = st.text(alphabet="ab.-_ ", min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..") and name == name.strip()
)
_PART = st.one_of(
    st.just("**"),
    st.text(alphabet="ab.*?-", min_size=1, max_size=4).filter(
        lambda part: part not in (".", "..") and "**" not in part
    ),
    st.sampled_from(["[ab]", "[!a]b", "a[a-b]*", "*.b", "[]a]"]),
)
_PATTERN = st.builds(
    lambda negated, start, parts, end: ("!" if negated else "") + start + "/".join(parts) + end,
    st.booleans(),
    st.sampled_from(["", "/"]),
    st.lists(_PART, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)
# Where patterns take back in, and in those that end with `**`, pathspec differs from git.
_PLAIN_PATTERN = _PATTERN.map(lambda pattern: pattern.lstrip("!")).filter(
    lambda pattern: set(pattern) - set("*/") and not pattern.rstrip("/").endswith("**")
)


def _left_out(rules: IgnoreRules, path: str) -> bool:
    """Walk from the root to a file, as a snapshot does."""
    parts = path.split("/")
    return any(
        rules.ignores("/".join(parts[:depth]), is_folder=depth < len(parts)) for depth in range(1, len(parts) + 1)
    )


def _oracle(lines: list[str], path: str) -> bool:
    """Walk as git does: a folder that is left out is not entered."""
    spec = pathspec.GitIgnoreSpec.from_lines(lines)
    parts = path.split("/")
    for depth in range(1, len(parts)):
        if _decision(spec, "/".join(parts[:depth]) + "/"):
            return True
    return _decision(spec, path)


def _decision(spec: pathspec.GitIgnoreSpec, path: str) -> bool:
    return bool(spec.check_file(path).include)


@settings(max_examples=1000, deadline=None)
@given(lines=st.lists(_PLAIN_PATTERN, min_size=1, max_size=3), names=st.lists(_NAME, min_size=1, max_size=4))
def test_rules_agree_with_pathspec(lines: list[str], names: list[str]) -> None:
    path = "/".join(names)
    assert _left_out(IgnoreRules("\n".join(lines)), path) == _oracle(lines, path), (lines, path)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_rules_agree_with_git(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)

    @settings(max_examples=250, deadline=None)
    @given(
        lines=st.lists(_PATTERN, min_size=1, max_size=3),
        paths=st.lists(st.lists(_NAME, min_size=1, max_size=4).map("/".join), min_size=1, max_size=8, unique=True),
    )
    def agree(lines: list[str], paths: list[str]) -> None:
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        asked = "\0".join(paths).encode()
        command = [*git, "check-ignore", "--no-index", "-z", "--stdin"]
        found = subprocess.run(command, input=asked, capture_output=True, check=False).stdout.decode().split("\0")
        rules = IgnoreRules("\n".join(lines))
        assert {path for path in paths if _left_out(rules, path)} == set(found) - {""}, lines

    agree()


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("*.csv", "a/b/c.csv", True),
        ("/data", "data/x", True),
        ("/data", "a/data", False),
        ("data/", "data", False),
        ("data/", "a/data/x", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("doc/*.txt", "doc/a/b.txt", False),
        ("\\#x", "#x", True),
        ("\\!x", "!x", True),
        ("x\\ ", "x ", True),
        ("x   ", "x", True),
        ("[a-c].py", "b.py", True),
        ("[!a].py", "a.py", False),
        ("[", "[", True),
        ("# comment", "# comment", False),
    ],
)
def test_single_rules(line: str, path: str, expected: bool) -> None:
    assert _left_out(IgnoreRules(line), path) is expected


def test_later_rules_take_back_in() -> None:
    rules = IgnoreRules("*.log\n!keep.log\n\n# comment\nout/\n!out/x")
    assert _left_out(rules, "a.log")
    assert not _left_out(rules, "sub/keep.log")
    assert _left_out(rules, "out/x")


@pytest.mark.parametrize("line", ["", "   ", "#x", "/", "!", "!/"])
def test_lines_without_a_rule(line: str) -> None:
    assert parse_rule(line) is None
