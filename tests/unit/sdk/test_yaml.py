"""The YAML of v1's files."""

from __future__ import annotations

from typing import Any

import pytest

from azud.sdk import yaml
from azud.sdk.exceptions import UserErrorException

CONDA = """
# comment
name: x  # why
channels: [a, b]
dependencies:
  - python=3.8
  - 3.10
  - "quoted # text"
  - pip:
      - one
      - 'two: 2'
  -
    key: value
variables:
  A: '1'
  B: ~
"""

RUNCONFIG = """\
%s# The arguments to the script file.
arguments:
- --rate
- '0.1'
# Environment details.
environment:
# Environment version
  version:
  environmentVariables: {EXAMPLE_ENV_VAR: EXAMPLE_VALUE, "b": [1, 'it''s'],
    c: https://x/y?z=1#d}
  docker:
    baseDockerfile: "FROM ubuntu\\nRUN echo \\
      a\\n\\n"
    other: |
      FROM ubuntu

        RUN x
    folded: >-
      one
      two

      three
    plain: several words
      on two lines
nodeCount: 2
history: {}
"""


def test_texts_of_a_conda_file() -> None:
    assert yaml.texts(yaml.load(CONDA)) == {
        "name": "x",
        "channels": ["a", "b"],
        "dependencies": ["python=3.8", "3.10", "quoted # text", {"pip": ["one", "two: 2"]}, {"key": "value"}],
        "variables": {"A": "1", "B": None},
    }
    assert yaml.load("") is None
    assert yaml.load("# nothing\n---\n") is None


@pytest.mark.parametrize("start", ["", "---\n", "\ufeff", "# comment\n---  # more\n"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_values_of_a_run_configuration(start: str, line_break: str) -> None:
    text = (RUNCONFIG % start).replace("\n", line_break)
    assert yaml.resolved(yaml.load(text)) == {
        "arguments": ["--rate", "0.1"],
        "environment": {
            "version": None,
            "environmentVariables": {
                "EXAMPLE_ENV_VAR": "EXAMPLE_VALUE",
                "b": [1, "it's"],
                "c": "https://x/y?z=1#d",
            },
            "docker": {
                "baseDockerfile": "FROM ubuntu\nRUN echo a\n\n",
                "other": "FROM ubuntu\n\n  RUN x\n",
                "folded": "one two\nthree",
                "plain": "several words on two lines",
            },
        },
        "nodeCount": 2,
        "history": {},
    }


def test_unquoted_scalars() -> None:
    document = "[null, ~, true, False, 3, -1.5, 1e3, .inf, 3.10, '3', no, None, 0x1f, 1_000, 2020-01-01]"
    read = [
        None,
        None,
        True,
        False,
        3,
        -1.5,
        1000.0,
        float("inf"),
        3.1,
        "3",
        "no",
        "None",
        "0x1f",
        "1_000",
        "2020-01-01",
    ]
    assert yaml.resolved(yaml.load(document)) == read
    assert yaml.texts(yaml.load(document))[8] == "3.10"


def test_texts_of_several_lines_are_written_to_be_read() -> None:
    assert yaml.dump({"a": "FROM x\nRUN y\n", "b": [], "c": None, "d": "3.10"}) == (
        'a: |\n  FROM x\n  RUN y\nb: []\nc: null\nd: "3.10"\n'
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1", 1),
        ("a: 1\nb: *x", 2),
        ("a:\n\t- b", 2),
        ("a: !!int 3", 1),
        ("- a\nb: 1", 2),
        ("a: b: c", 1),
        ("a:\n  - b\n c: 1", 3),
        ("a: 'x", 1),
        ("a: [1, 2", 1),
        ('a: "\\q"', 1),
        ('"\\q": a', 1),
        ('"\\UFFFFFFFF"', 1),
        ("a: 1\n\na: 2", 3),
        ("{a: 1, a: 2}", 1),
        ("a: 1\n---\nb: 2", 2),
        ("? a\n: b", 1),
        ("a: |x\n  b", 1),
        ("[" * 100_000 + "]" * 100_000, 1),
    ],
)
def test_what_is_refused_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(UserErrorException, match=f"line {line}:"):
        yaml.load(text)


@pytest.mark.parametrize("value", [{"a": object()}, [b"x"]])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no form in YAML"):
        yaml.dump(value)
