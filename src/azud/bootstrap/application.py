"""One workspace server's parts, wired."""

from __future__ import annotations

import dataclasses
import logging
import os
import platform
from collections.abc import Callable, Mapping
from typing import Any

from azud import __version__
from azud.adapters.blobs.folder import FolderBlobs
from azud.adapters.compute.local import LocalBackend
from azud.adapters.datastores.comparing import LocalComparer
from azud.adapters.datastores.copying import LocalCopying
from azud.adapters.datastores.data import DatastoreData
from azud.adapters.datastores.digest_cache import DigestCache
from azud.adapters.datastores.digests import FileDigests
from azud.adapters.datastores.file_cache import FileCache
from azud.adapters.datastores.local import LocalData
from azud.adapters.datastores.patience import read_on
from azud.adapters.datastores.remote.drivers import open_store
from azud.adapters.datastores.remote.web import WebFiles
from azud.adapters.datastores.sql.opening import SqlDatabases
from azud.adapters.datastores.stores import Stores
from azud.adapters.environments.interpreter import InterpreterEnvironments
from azud.adapters.folders.own import LocalOwnFolders
from azud.adapters.secrets.key_file import KeyFileCipher
from azud.adapters.stores.asset_catalog import SqlAssetCatalog
from azud.adapters.stores.database import Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.experiments import SqlExperiments
from azud.adapters.stores.explanations import SqlExplanations
from azud.adapters.stores.history import SqlHistory
from azud.adapters.stores.inspection import SqlInspection
from azud.adapters.stores.interactive_runs import SqlInteractiveRuns
from azud.adapters.stores.lineage import SqlLineage
from azud.adapters.stores.models import SqlModels
from azud.adapters.stores.retention_store import SqlRetention
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.adapters.stores.secrets import SqlSecrets
from azud.adapters.stores.verifications import SqlVerifications
from azud.adapters.stores.workspace_facts import SqlWorkspaceFacts
from azud.client.homes import Home
from azud.core.clock import now_text
from azud.core.errors import BackendError, NotFoundError, StorageError
from azud.core.ids import new_token
from azud.engine.foreseeing import Foreseer
from azud.engine.jobspecs import Places, artifact_folder
from azud.engine.observed import Observer
from azud.engine.orchestrator import Orchestrator
from azud.engine.retention import RetentionPolicy
from azud.engine.retrying import RetryRule
from azud.engine.reuse import InFlight, ReuseDecider
from azud.engine.scheduling import SlotScheduler
from azud.job.pool import ForkServers
from azud.model.compute import ComputeTargetRecord
from azud.model.data import WEB_DRIVER, DatastoreRecord
from azud.model.runs import RunRecord, RunStatus, RunType
from azud.planning.machines import MachineSize
from azud.services.assets import AssetService
from azud.services.collecting import CollectionService
from azud.services.compute_targets import LOCAL_COMPUTE, ComputeService
from azud.services.contents import Contents
from azud.services.data_versions import DataVersionService
from azud.services.databases import DatabaseService
from azud.services.datastores import DEFAULT_DATASTORES, DatastoreService, credential_reader
from azud.services.experiments import ExperimentService
from azud.services.explaining import ExplanationService
from azud.services.file_ports import FileStore, Opener
from azud.services.files import FileService
from azud.services.interactive import InteractiveRunService
from azud.services.lineage import LineageService
from azud.services.models import ModelService
from azud.services.past_steps import PastSteps
from azud.services.planning import PlanService
from azud.services.reexecuting import ReexecutionService
from azud.services.replaying import ReplayService
from azud.services.runs import RunService
from azud.services.secrets import SecretService
from azud.services.submit import SubmitService
from azud.services.verifying import VerificationService
from azud.services.workspace_facts import WorkspaceFacts
from azud.settings.table import Settings

_log = logging.getLogger(__name__)
CANCEL_WAIT_S = 30.0
"""How long who cancels waits for that to be written; it takes milliseconds unless the store is locked or full."""
ARTIFACT_STORE = DEFAULT_DATASTORES[0]


@dataclasses.dataclass
class Application:
    """The services of a workspace and what keeps them going."""

    home: Home
    settings: Settings
    database: Database
    backend: LocalBackend
    scheduler: SlotScheduler
    orchestrator: Orchestrator
    submit: SubmitService
    plans: PlanService
    runs: RunService
    interactive: InteractiveRunService
    experiments: ExperimentService
    models: ModelService
    secrets: SecretService
    explanations: ExplanationService
    files: FileService
    assets: AssetService
    data_versions: DataVersionService
    lineage: LineageService
    compute: ComputeService
    facts: WorkspaceFacts
    datastores: DatastoreService
    databases: DatabaseService
    data: DatastoreData
    collection: CollectionService
    verification: VerificationService
    reexecution: ReexecutionService
    replay: ReplayService
    started_at: str

    def start(self) -> int:
        """Take up the work; return how many runs were found unfinished."""
        self.backend.open(self.orchestrator.on_attempt)
        self.collection.open()
        active = self.orchestrator.start(f"{platform.node()}:{os.getpid()}:{new_token()[:8]}")
        self.reexecution.open()
        self.interactive.open()
        self.data_versions.open()
        return active

    def settle(self) -> None:
        """Do what the store leaves for a time when nothing runs; called every second or so at such times."""
        if self.orchestrator.active():
            return
        try:
            self.database.checkpoint()
        except StorageError as error:
            _log.warning("the store waits with its log: %s", error)

    def stop(self) -> None:
        """Write what is being written and let go; running attempts go on."""
        self.interactive.close()
        self.data_versions.close()
        self.collection.close()
        self.verification.task.close()
        self.reexecution.close()
        self.orchestrator.stop()
        self.backend.close()
        self.data.close()
        self.database.close()

    def workspace(self) -> dict[str, Any]:
        """Return the workspace as the API shows it."""
        return {
            **workspace_names(self.home),
            "location": "local",
            "home": self.home.path,
            "created_at": self.home.created_at,
            "version": __version__,
            **self.facts.facts(),
        }


def build_application(
    home: Home,
    settings: Settings,
    servers: ForkServers,
    library_path: str,
    endpoint: str,
    *,
    notify: Callable[[str, bool], None],
    on_lease_lost: Callable[[], None],
) -> Application:
    """Open a workspace home.

    Args:
        home: The workspace.
        settings: What this server was told.
        servers: Its fork servers.
        library_path: The folder that jobs get on their path.
        endpoint: Address at which jobs reach this server.
        notify: Called with a run id, and whether it has ended, after something about it was committed.
        on_lease_lost: Called once when another server has taken over.

    Raises:
        SchemaVersionError: A newer azud made the store.
        StorageError: The store cannot be opened.
    """
    database = Database(os.path.join(home.path, "azud.db"))
    catalog = SqlAssetCatalog(database)
    _furnish(catalog, home)
    run_catalog = SqlRunCatalog(database)
    run_store = SqlRunStore(database)
    cipher = KeyFileCipher(home.path)
    databases = SqlDatabases(credential_reader(catalog, cipher))
    data = _open_data(home, settings, catalog, cipher, databases)
    datastores = DatastoreService(catalog, cipher, data, lambda name: _own_root(home, name))
    blobs = FolderBlobs(os.path.join(home.path, "blobs"))
    attempts = os.path.join(home.path, "attempts")
    backend = LocalBackend(attempts, servers, settings.slots)
    capacity = backend.capacity()
    scheduler = SlotScheduler(capacity, backend.free_memory_bytes)
    environments = InterpreterEnvironments(servers)
    places = Places(
        blobs=blobs.root,
        library_path=library_path,
        endpoint=endpoint,
        workspace=workspace_names(home),
        artifact_store=ARTIFACT_STORE,
        grace_s=settings.grace_s,
    )
    verifications = SqlVerifications(database)

    def told(run_id: str, ended: bool) -> None:
        notify(run_id, ended)
        if ended:
            reexecution.ended(run_id)
            data_versions.look_for_new()

    orchestrator = Orchestrator(
        run_store,
        backend,
        data,
        environments,
        places,
        scheduler,
        notify=told,
        on_lease_lost=on_lease_lost,
    )
    past = PastSteps(run_store, run_catalog, verifications, ReuseDecider(run_store, data, InFlight()), environments)

    backend.active_runs = orchestrator.active

    def cancel(run: RunRecord) -> None:
        run_id = run.id
        if run.type == RunType.INTERACTIVE:
            interactive.change(run_id, {"status": RunStatus.CANCELED})
            return
        if run.is_step:
            asked = orchestrator.cancel_step(run.parent_id or "", run.node_id or "")
        else:
            asked = orchestrator.cancel(run_id)
        try:
            asked.result(timeout=CANCEL_WAIT_S)
        except TimeoutError as error:
            raise BackendError(
                f"run {run_id} is busy: that it is to end is not written yet", hint="ask again", retryable=True
            ) from error

    def artifacts(run_id: str) -> str:
        return data.locate(run_store.datastores()[ARTIFACT_STORE], artifact_folder(run_id))

    data_versions = DataVersionService(catalog, data, run_store.datastores)
    assets = AssetService(
        catalog,
        blobs,
        Observer(run_store, data).look,
        lambda run_id: _step_run_of(run_catalog, run_id),
        data_versions.look_for_new,
    )
    explanations = SqlExplanations(database)
    files = FileService(run_catalog, backend, artifacts)
    interactive = InteractiveRunService(SqlInteractiveRuns(database), run_catalog, lambda run_id: notify(run_id, True))
    machine = MachineSize(os.cpu_count() or 1, capacity.memory_bytes / 2**30, len(capacity.gpus))
    submit = SubmitService(
        run_catalog, catalog, machine, settings.launch, _retry_rule(settings), orchestrator.submitted
    )
    reexecution = ReexecutionService(past, run_catalog, verifications, submit, LocalComparer())
    foreseer = Foreseer(run_store, data, environments, orchestrator.in_flight)
    return Application(
        home=home,
        settings=settings,
        database=database,
        backend=backend,
        scheduler=scheduler,
        orchestrator=orchestrator,
        submit=submit,
        plans=PlanService(
            submit, run_store, foreseer, SqlHistory(database), LocalCopying(attempts), capacity, explanations
        ),
        runs=RunService(run_catalog, backend, cancel),
        interactive=interactive,
        experiments=ExperimentService(SqlExperiments(database)),
        secrets=SecretService(SqlSecrets(database), cipher),
        models=ModelService(SqlModels(database), catalog, blobs, run_catalog, files),
        explanations=ExplanationService(run_catalog, explanations, Contents(explanations, catalog, blobs)),
        files=files,
        assets=assets,
        data_versions=data_versions,
        lineage=LineageService(SqlLineage(database)),
        facts=WorkspaceFacts(SqlWorkspaceFacts(database)),
        compute=ComputeService(catalog, orchestrator.configure, scheduler.status),
        datastores=datastores,
        databases=DatabaseService(datastores, databases),
        data=data,
        collection=CollectionService(
            SqlRetention(database),
            blobs,
            LocalOwnFolders(home.path),
            RetentionPolicy(
                settings.keep_runs_days,
                settings.keep_runs_newest,
                settings.reuse_keep_days,
                settings.reuse_keep_bytes,
                settings.compact_events_days,
            ),
            settings.gc_interval_s,
        ),
        verification=VerificationService(SqlInspection(database), blobs, data),
        reexecution=reexecution,
        replay=ReplayService(past, run_catalog, run_store, data, places),
        started_at=now_text(),
    )


def _step_run_of(catalog: SqlRunCatalog, run_id: str) -> str | None:
    """Return the step run whose job knows its run by this id, or None."""
    try:
        record = catalog.subject(run_id)
    except NotFoundError:
        return None
    return record.id if record.is_step else None


def _retry_rule(settings: Settings) -> RetryRule:
    return RetryRule(
        retries=settings.retries,
        infrastructure_retries=settings.infrastructure_retries,
        delay_s=settings.retry_delay_s,
        delay_max_s=settings.retry_delay_max_s,
    )


def workspace_names(home: Home) -> dict[str, str]:
    """Return a home's names as jobs and the API know them."""
    return {
        "id": home.id,
        "name": home.names.workspace_name,
        "subscription_id": home.names.subscription_id,
        "resource_group": home.names.resource_group,
    }


def _open_data(
    home: Home, settings: Settings, catalog: SqlAssetCatalog, cipher: KeyFileCipher, databases: SqlDatabases
) -> DatastoreData:
    return DatastoreData(
        LocalData(FileDigests(DigestCache(os.path.join(home.path, "digests.db")))),
        Stores(_opener(settings), credential_reader(catalog, cipher)),
        FileCache(os.path.join(home.path, "cache"), settings.data_cache_bytes, read_on),
        os.path.join(home.path, "datastores"),
        databases,
    )


def _opener(settings: Settings) -> Opener:
    allowed = frozenset(name.strip() for name in settings.web_allow.split(",") if name.strip())

    def opened(datastore: DatastoreRecord, credential: Mapping[str, Any]) -> FileStore:
        return WebFiles(allowed) if datastore.driver == WEB_DRIVER else open_store(datastore, credential)

    return opened


def _own_root(home: Home, name: str) -> str:
    return os.path.join(home.path, "datastores", name)


def _furnish(catalog: SqlAssetCatalog, home: Home) -> None:
    """Give a new workspace what every workspace has: two datastores and the compute target `local`."""
    known = {record.name: record for record in catalog.datastores()}
    for name, kind in zip(DEFAULT_DATASTORES, ("AzureBlob", "AzureFile"), strict=True):
        root = _own_root(home, name)
        os.makedirs(root, mode=0o700, exist_ok=True)
        record = known.get(name)
        # Written again when the whole home was moved to another place; not if it was bound to a store elsewhere.
        if record is None or (record.driver == "local" and record.options.get("root") != root):
            made = DatastoreRecord(
                name, kind, "local", {"root": root}, is_default=name == ARTIFACT_STORE, created_at=now_text()
            )
            catalog.put_datastore(made)
    os.makedirs(os.path.join(home.path, "attempts"), mode=0o700, exist_ok=True)
    if not any(target.name == LOCAL_COMPUTE for target in catalog.compute_targets()):
        now = now_text()
        catalog.put_compute(ComputeTargetRecord(LOCAL_COMPUTE, "local", created_at=now, modified_at=now))
