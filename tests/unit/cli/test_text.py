"""Text for people."""

from __future__ import annotations

import pytest

from azud.cli import text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain é 猫\ttab\n", "plain é 猫\ttab\n"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("dos\r\nline", "dos\nline"),
        ("10%\r20%", "10%\n20%"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("abc\u202exe.txt", "abc\\u202exe.txt"),
        ("[bold]", "[bold]"),
    ],
)
def test_control_characters_are_made_visible(given: str, shown: str) -> None:
    assert text.visible(given) == shown


def test_one_line_has_no_line_ends() -> None:
    assert text.one_line("a\n  b\tc\r") == "a b c"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.04, "0.0 s"), (9.96, "10 s"), (59.4, "59 s"), (185, "3 min 5 s"), (7620, "2 h 7 min")],
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (5 << 20, "5.0 MiB"),
        (3 << 40, "3.0 TiB"),
        (1 << 51, "2048.0 TiB"),
    ],
)
def test_sizes(size_bytes: int, shown: str) -> None:
    assert text.size(size_bytes) == shown


def test_a_time_that_has_no_end_counts_until_now() -> None:
    assert text.seconds_between(None, None) is None
    assert text.seconds_between("2026-01-01T00:00:00.000000Z", "2026-01-01T00:01:00.000000Z") == 60
    assert (text.seconds_between("2020-01-01T00:00:00.000000Z", None) or 0) > 1e8
