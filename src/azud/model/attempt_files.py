"""Names of the files in an attempt folder; what they hold is in `azud.model.jobs`."""

from __future__ import annotations

SPEC, CLAIM, JOB_CLAIM, EXIT, MANIFEST = (
    "spec.json",
    "claim",
    "job.claim",
    "exit.json",
    "manifest.json",
)
WORK, INPUTS, OUTPUTS, ARTIFACTS = "work", "in", "out", "artifacts"
ATTEMPTS = "attempts"
"""Folder among a run's files that keeps those of attempts which were followed by another, by their number."""
DRIVER_LOG = "azureml-logs/70_driver_log.txt"
STD_LOG = "user_logs/std_log.txt"
PREPARATION_LOG = "azureml-logs/65_job_prep.txt"
"""What was brought for the job and sent after it; only where there was something."""
