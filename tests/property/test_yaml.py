"""The YAML of v1's files: what is written is read again, here and by others, and what others write is read here."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azud.sdk import yaml
from azud.sdk.exceptions import UserErrorException

WORDS = [
    "null", "Null", "~", "", " ", "true", "Yes", "off", "1", "1.0", "3.10", "0x1f", "1e3", "1_000", "12:30",
    "2020-01-01", "a: b", "a #b", "#a", "- a", "-", "--", "---", "...", "? a", "?", "[a]", "{a}", "'a'", "\"", "'",
    "it's", "a\n", "\na", "a\nb", "a\nb\n", "a\n\nb", "a\n\n", " a\nb", "a \nb", "a\n b\n", "\ta", "a\tb", "\x00",
    "\x7f", "\u0085", "\ufeff", "\u00e9", "\U0001f600", "\\", "a\\", "\\n", "http://x/y?z=1&q=2", "name[extra]>=1,<2",
    "--index-url http://x", "*", "&a", "!b", "|", ">", "%", "@", "`", "a:", ":a", "key: 'x'",
    "$AZUREML_DATAREFERENCE_x", "None", ".inf", ".NaN", "=", "<<", "spark.app.name",
    "FROM ubuntu:22.04\nRUN echo \"a: b\" && \\\n    true\n",
]  # fmt: skip
PIECES = [
    "a", "b", "c", "1", ":", " ", "-", "\n", "\n  ", "\n ", "'", "\"", "[", "]", "{", "}", ",", " #", "#", "|", ">",
    "\\", "- ", "a: ", "b: ", "\n- ", "\n  - ", "&", "*", "  ", "\n\n",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=12), st.text(alphabet="ab \n\t'\":#\\-", max_size=12))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)  # fmt: skip
KEYS = TEXTS.filter(lambda text: text == text.strip())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def no_surrogates(value: Any) -> bool:
    return "\\ud" not in ascii(value)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert yaml.resolved(yaml.load(yaml.dump(value))) == value


@given(VALUES.filter(no_surrogates))
def test_others_read_what_is_written(value: Any) -> None:
    other = pytest.importorskip("yaml")
    assert other.safe_load(yaml.dump(value)) == value


@given(
    VALUES.filter(no_surrogates),
    st.sampled_from([None, False, True]),
    st.sampled_from([None, '"', "'"]),
    st.sampled_from([20, 80]),
    st.booleans(),
)
def test_what_others_write_is_read(value: Any, flow: bool | None, style: str | None, width: int, raw: bool) -> None:
    other = pytest.importorskip("yaml")

    class Dumper(other.SafeDumper):  # type: ignore[name-defined, misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = other.dump(
        value, Dumper=Dumper, default_flow_style=flow, default_style=style, width=width, allow_unicode=raw
    )  # fmt: skip
    if "!!" in text or "? " in text:
        return  # tags of quoted numbers, and keys of several lines
    read = yaml.resolved(yaml.load(text))
    assert read == value, text


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_is_read_means_the_same_to_others(text: str) -> None:
    """A text is refused with a line's number, or read as others read it, if they do."""
    other = pytest.importorskip("yaml")
    try:
        read = yaml.texts(yaml.load(text))
    except UserErrorException as error:
        assert "line " in str(error)
        return
    try:
        theirs = other.load(text, other.BaseLoader)
    except other.YAMLError:
        return
    assert comparable(read) == comparable(theirs)


def comparable(value: Any) -> Any:
    """Return the value with nothing in it as an empty text, as a loader without types has it."""
    if isinstance(value, dict):
        return {str(key): comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return "" if value is None else value
