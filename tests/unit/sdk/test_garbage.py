"""Putting off Python's search for garbage, and leaving it as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from azud.sdk.garbage import NoCollection


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.enable()


def test_the_search_is_off_meanwhile_and_on_again_afterwards() -> None:
    with NoCollection():
        assert not gc.isenabled()
        with NoCollection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(KeyError), NoCollection():
        raise KeyError
    assert gc.isenabled()


def test_a_program_that_has_switched_it_off_keeps_it_off() -> None:
    gc.disable()
    with NoCollection():
        assert not gc.isenabled()
    assert not gc.isenabled()
