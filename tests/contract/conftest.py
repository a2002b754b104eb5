"""The stores that keep the contract. A backend (PostgreSQL, say) is added as one more function and entry here.

The tests of this folder know ports only, so what they ask for holds for every entry.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from azud.adapters.stores.asset_catalog import SqlAssetCatalog
from azud.adapters.stores.database import MEMORY, Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.interactive_runs import SqlInteractiveRuns
from azud.adapters.stores.lineage import SqlLineage
from azud.adapters.stores.retention_store import SqlRetention
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.adapters.stores.verifications import SqlVerifications
from azud.engine.ports import RunStore
from azud.services.interactive_ports import InteractiveRunStore
from azud.services.lineage_ports import LineageStore
from azud.services.ports import AssetCatalog, RunCatalog
from azud.services.upkeep_ports import RetentionStore
from azud.services.verification_ports import VerificationStore


class Stores(NamedTuple):
    """The sides of one empty store."""

    runs: RunStore
    catalog: RunCatalog
    retention: RetentionStore
    verifications: VerificationStore
    assets: AssetCatalog
    interactive: InteractiveRunStore
    lineage: LineageStore


@contextlib.contextmanager
def _sqlite(path: str) -> Iterator[Stores]:
    database = Database(path)
    try:
        yield Stores(
            SqlRunStore(database),
            SqlRunCatalog(database),
            SqlRetention(database),
            SqlVerifications(database),
            SqlAssetCatalog(database),
            SqlInteractiveRuns(database),
            SqlLineage(database),
        )
    finally:
        database.close()


BACKENDS: dict[str, Callable[[pathlib.Path], contextlib.AbstractContextManager[Stores]]] = {
    "sqlite-file": lambda folder: _sqlite(str(folder / "azud.db")),
    "sqlite-memory": lambda folder: _sqlite(MEMORY),
}


@pytest.fixture(params=BACKENDS)
def stores(request, tmp_path):
    with BACKENDS[request.param](tmp_path) as opened:
        yield opened
