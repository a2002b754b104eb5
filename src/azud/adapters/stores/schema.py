"""The tables. A change here needs a revision in `migrations/versions`; a test proves that both give the same schema."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

SCHEMA_REVISION = "0006"

metadata = MetaData()
# `sqlite_with_rowid=False`: rows that are small and found by their key lie in the key's own tree, so that a step's end
# changes half as many pages.

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("token", Integer, nullable=False),
    Column("acquired_at", String, nullable=False),
)

experiments = Table(
    "experiments",
    metadata,
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("created_at", String, nullable=False),
    Column("last_number", Integer, nullable=False, default=0),
    Column("tags", JSON, nullable=False),
    Column("archived_at", String),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("experiment", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("parent_id", String),
    Column("node_id", String),
    Column("step_type", String),
    Column("compute", String),
    Column("attempt", String),
    Column("reused_from", String),
    Column("action_key", String),
    Column("created_at", String, nullable=False),
    Column("started_at", String),
    Column("ended_at", String),
    Column("error", JSON),
    Column("tags", JSON, nullable=False),
    Column("properties", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("submitted_by", String, nullable=False),
    Column("snapshot", String),
    Column("definition", String),
    Column("options", JSON),
    # The run that a run was submitted under (`parent_id` is the pipeline run of a step run).
    Column("submitted_under", String),
)
Index("runs_by_parent", runs.c.parent_id, runs.c.position)
# Lists are of whole pipeline runs; a step's change of status then touches no index.
Index("runs_by_time", runs.c.created_at, sqlite_where=runs.c.parent_id.is_(None))
Index("runs_by_status", runs.c.status, sqlite_where=runs.c.parent_id.is_(None))
# Steps of one name: what an earlier one was like, and how long it took.
Index("steps_by_name", runs.c.name, runs.c.created_at, sqlite_where=runs.c.parent_id.is_not(None))
Index("runs_submitted_under", runs.c.submitted_under, sqlite_where=runs.c.submitted_under.is_not(None))

# Runs that a program drives itself: `Experiment.start_logging`, `Run.child_run`. The engine knows nothing of them.
interactive_runs = Table(
    "interactive_runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("experiment", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("parent_id", String),
    Column("position", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("started_at", String),
    Column("ended_at", String),
    Column("error", JSON),
    Column("tags", JSON, nullable=False),
    Column("properties", JSON, nullable=False),
    Column("submitted_by", String, nullable=False),
    Column("snapshot", String),
    Column("owner", JSON),
)
Index("interactive_runs_by_parent", interactive_runs.c.parent_id, interactive_runs.c.position)
Index("interactive_runs_by_time", interactive_runs.c.created_at, sqlite_where=interactive_runs.c.parent_id.is_(None))
Index("interactive_runs_by_status", interactive_runs.c.status)

run_events = Table(
    "run_events",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("type", String, nullable=False),
    Column("body", JSON, nullable=False),
    sqlite_with_rowid=False,
)

definitions = Table(
    "definitions", metadata, Column("digest", String, primary_key=True), Column("body", JSON, nullable=False)
)

snapshots = Table(
    "snapshots", metadata, Column("digest", String, primary_key=True), Column("body", JSON, nullable=False)
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String, primary_key=True),
    Column("step_run_id", String, nullable=False),
    Column("run_id", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("exit", JSON),
    Column("ended_at", String, nullable=False),
    sqlite_with_rowid=False,
)

step_usage = Table(
    "step_usage",
    metadata,
    Column("signature", String, primary_key=True),
    Column("max_rss_bytes", BigInteger, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("ended_at", String, nullable=False),
    sqlite_with_rowid=False,
)

outputs = Table(
    "outputs",
    metadata,
    Column("step_run_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("run_id", String, nullable=False, index=True),
    Column("datastore", String, nullable=False),
    Column("path", String, nullable=False),
    Column("data_type", String),
    Column("pipeline_output_name", String),
    Column("sealed", JSON, nullable=False),
    sqlite_with_rowid=False,
)

metrics = Table(
    "metrics",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("value", JSON),
    Column("step", Integer),
    Column("at", String, nullable=False),
    sqlite_with_rowid=False,
)

reuse_entries = Table(
    "reuse_entries",
    metadata,
    Column("action_key", String, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("step_run_id", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("last_used_at", String, nullable=False),
    sqlite_with_rowid=False,
)

observations = Table(
    "observations",
    metadata,
    Column("step_run_id", String, primary_key=True),
    Column("reads", JSON, nullable=False),
    Column("writes", JSON, nullable=False),
)

reuse_decisions = Table(
    "reuse_decisions",
    metadata,
    Column("step_run_id", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("action_key", String),
    Column("reused_from", String),
    sqlite_with_rowid=False,
)

preimages = Table(
    "preimages", metadata, Column("action_key", String, primary_key=True), Column("body", JSON, nullable=False)
)

environment_contents = Table(
    "environment_contents",
    metadata,
    Column("digest", String, primary_key=True),
    Column("body", JSON, nullable=False),
)

data_contents = Table(
    "data_contents",
    metadata,
    Column("digest", String, primary_key=True),
    Column("body", JSON, nullable=False),
)

verifications = Table(
    "verifications",
    metadata,
    Column("step_run_id", String, primary_key=True),
    Column("verified_by", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", String, nullable=False),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("created_at", String, nullable=False),
)

datastores = Table(
    "datastores",
    metadata,
    Column("name", String, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("is_default", Integer, nullable=False, default=0),
    Column("credential", Text),  # sealed; see azud.services.secrets
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String, primary_key=True),
    Column("definition", JSON, nullable=False),
    Column("created_at", String, nullable=False),
)

dataset_versions = Table(
    "dataset_versions",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("dataset_id", String, nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("created_at", String, nullable=False),
    # What the files were when they were first looked at, and what they were seen to be since: `model.data.DataState`.
    Column("fingerprint", JSON(none_as_null=True)),
    Column("seen", JSON(none_as_null=True)),
)
Index("dataset_versions_by_dataset", dataset_versions.c.dataset_id)
Index("dataset_versions_unseen", dataset_versions.c.created_at, sqlite_where=dataset_versions.c.fingerprint.is_(None))

# Who made a version: the step runs whose output its files are, and the one whose job registered it.
dataset_makers = Table(
    "dataset_makers",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("step_run_id", String, primary_key=True),
    Column("how", String, nullable=False),
    Column("output", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("dataset_makers_by_step", dataset_makers.c.step_run_id)

# What step runs read that no step of their own run handed over: `model.lineage.DataUse`.
data_uses = Table(
    "data_uses",
    metadata,
    Column("step_run_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("port", String, nullable=False),
    Column("dataset_id", String),
    Column("name", String),
    Column("version", Integer),
    Column("output_of", String),
    sqlite_with_rowid=False,
)
Index("data_uses_by_dataset", data_uses.c.dataset_id, sqlite_where=data_uses.c.dataset_id.is_not(None))
Index("data_uses_by_output", data_uses.c.output_of, sqlite_where=data_uses.c.output_of.is_not(None))

compute_targets = Table(
    "compute_targets", metadata, Column("name", String, primary_key=True), Column("body", JSON, nullable=False)
)

environments = Table(
    "environments",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("definition", JSON, nullable=False),
    Column("created_at", String, nullable=False),
)

# `sealed` is what `azud.adapters.secrets` made of the value; the key lies in a file beside the database.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("modified_at", String, nullable=False),
)

# A version never changes its content, and a version that was removed is not given out again.
model_names = Table(
    "model_names",
    metadata,
    Column("name", String, primary_key=True),
    Column("last_version", Integer, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("snapshot", String, nullable=False),
    Column("run_id", String),
    Column("created_at", String, nullable=False),
    Column("body", JSON, nullable=False),
)
Index("models_by_run", models.c.run_id, sqlite_where=models.c.run_id.is_not(None))
