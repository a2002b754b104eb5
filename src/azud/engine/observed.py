"""Observed inputs: what a job read through the SDK without having declared it, looked at again before its result is
reused.

A source is what was asked for, as JSON::

    {"kind": "registered", "name", "version"}      a registered dataset; version null: the newest
    {"kind": "files", "definition"}                the files of a dataset that is no input of the step
    {"kind": "prefix", "datastore", "path"}        a download from a datastore
    {"kind": "models", "query"}                    registered models; the query is an `azud.model.models.ModelQuery`

Before a job reads, it has the source looked at and notes what was seen. When it has ended the sources are looked at
again: one that differs keeps the result from being stored. A hit requires each of them to be what was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from azud.core.errors import AzudError, NotFoundError, UserError
from azud.engine.ports import DataPort, RunStore
from azud.model.codec import from_json
from azud.model.data import NOTHING, DatasetDefinition
from azud.model.models import ModelQuery, seen_models


class Observer:
    """Looks at sources.

    Args:
        store: Knows registered datasets and datastores.
        data: Fingerprints files.
    """

    def __init__(self, store: RunStore, data: DataPort) -> None:
        self._store = store
        self._data = data

    def look(self, source: Mapping[str, Any]) -> str | None:
        """Return what is there now, as a text to compare; None if it cannot be fingerprinted.

        Raises:
            UserError: This is not a source.
        """
        try:
            kind = source["kind"]
            if kind == "registered":
                return self._store.registered_dataset(str(source["name"]), source["version"]) or NOTHING
            if kind == "files":
                dataset = from_json(DatasetDefinition, source["definition"])
                return self._data.fingerprint_dataset(self._store.datastores(), dataset).digest
            if kind == "models":
                query = from_json(ModelQuery, source["query"])
                return seen_models(query.matching(self._store.models(query.name)))
            if kind == "prefix":
                datastore = self._store.datastores().get(str(source["datastore"]))
                return NOTHING if datastore is None else self._data.fingerprint_prefix(datastore, str(source["path"]))
        except NotFoundError:
            return NOTHING
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"not a source: {error!r}", hint="see azud.engine.observed") from error
        raise UserError(f"a source of kind {kind!r} is not known", hint="see azud.engine.observed")

    def changed(self, reads: Iterable[Mapping[str, Any]]) -> str | None:
        """Return what of a job's reads is not what it saw, in words, or None."""
        for read in reads:
            name = describe(read["source"])
            if read.get("seen") is None:
                return f"{name}, which the job read, cannot be fingerprinted"
            try:
                now = self.look(read["source"])
            except AzudError as error:
                return f"{name}, which the job read, cannot be looked at: {error.message}"
            if now != read["seen"]:
                return f"{name}, which the job read, is not what it was"
        return None


def describe(source: Mapping[str, Any]) -> str:
    """Name a source for people."""
    if source.get("kind") == "registered":
        version = source.get("version")
        return f"dataset {source.get('name')!r} ({'latest' if version is None else f'version {version}'})"
    if source.get("kind") == "models":
        query = source.get("query") or {}
        version = query.get("version")
        return f"model {query.get('name')!r} ({'latest' if version is None else f'version {version}'})"
    if source.get("kind") == "prefix":
        return f"{source.get('path') or 'everything'!r} on datastore {source.get('datastore')!r}"
    places = [f"{item['datastore']}/{item['path']}" for item in source.get("definition", {}).get("locations", [])]
    return f"dataset of {', '.join(places)}"
