"""What is remembered of sealed outputs, and how much of it."""

from __future__ import annotations

import dataclasses

from tests.contract.values import SEALED

from azud.adapters.stores.sealed_cache import SealedCache

LARGE = dataclasses.replace(SEALED, files=SEALED.files * 5)


def test_what_was_not_asked_for_longest_is_forgotten_first():
    cache = SealedCache(most=9)  # three step runs of one output with one file
    cache.put({"a": (SEALED,), "b": (SEALED,), "c": (SEALED,)})
    assert cache.get(["a", "x"]) == {"a": (SEALED,)}
    cache.put({"d": (SEALED,)})
    assert set(cache.get(["a", "b", "c", "d"])) == {"a", "c", "d"}


def test_an_output_counts_with_all_its_files():
    cache = SealedCache(most=9)
    cache.put({"a": (SEALED,), "b": (SEALED,)})
    cache.put({"large": (LARGE,)})
    assert cache.get(["a", "b", "large"]) == {"large": (LARGE,)}
    cache.put({"too large": (LARGE, LARGE)})
    assert cache.get(["large", "too large"]) == {}


def test_what_is_put_twice_counts_once():
    cache = SealedCache(most=6)
    for _ in range(5):
        cache.put({"a": (SEALED,)})
    cache.put({"b": (SEALED,)})
    assert set(cache.get(["a", "b"])) == {"a", "b"}
