"""The settings themselves: name, type, default and meaning, each written once."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENVIRONMENT_PREFIX = "AZUD_"
LONGEST_DELAY_S = 7 * 86400.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _usable_cores() -> int:
    # A container or taskset may allow fewer cores than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


class Settings(BaseSettings):
    """What a workspace server can be told. Frozen: a server reads its settings once, when it starts."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    slots: int = Field(
        default_factory=_usable_cores,
        ge=1,
        description="How many steps may run at the same time on this machine.",
        json_schema_extra={"default_text": "number of usable cores"},
    )
    launch: Literal["fork", "exec"] = Field(
        default="fork",
        description=(
            "How a step's Python is started: `fork` from a warm process of the same interpreter, or "
            "`exec`, a fresh interpreter for every step (slower, and nothing is shared)."
        ),
    )
    grace_s: float = Field(
        default=10.0,
        ge=0,
        description="Seconds between asking a step to end (SIGTERM) and killing it.",
    )
    retries: int = Field(
        default=0,
        ge=0,
        description="How often a step that failed or ran too long is tried again; a step's own `retries` beats it.",
    )
    infrastructure_retries: int = Field(
        default=2,
        ge=0,
        description="How often a step is tried again whose attempt was lost with the machine or a killed process.",
    )
    retry_delay_s: float = Field(
        default=2.0,
        ge=0,
        description="Seconds before a step is tried again; each further failure of the same kind doubles them.",
    )
    retry_delay_max_s: float = Field(
        default=300.0,
        ge=0,
        le=LONGEST_DELAY_S,
        description="The longest time before a step is tried again, in seconds.",
    )
    idle_exit_s: float = Field(
        default=1800.0,
        gt=0,
        description=("Seconds without a run or a request after which the server ends; the next call starts it again."),
    )
    tcp: str | None = Field(
        default=None,
        description=(
            "`host:port` of this machine on which the server also listens, for programs that cannot use "
            "the Unix socket; requests there need the workspace's token. Unset: no TCP."
        ),
        json_schema_extra={"default_text": "unset"},
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="The least severe message that the server writes to `server.log`.",
    )

    keep_runs_days: float | None = Field(
        default=None,
        ge=0,
        description=(
            "Garbage collection removes runs that ended longer ago than so many days, with their steps, logs and "
            "outputs. Unset: runs stay for ever."
        ),
        json_schema_extra={"default_text": "unset"},
    )
    keep_runs_newest: int = Field(
        default=10,
        ge=0,
        description="So many of the newest runs of each experiment stay, however old they are.",
    )
    reuse_keep_days: float | None = Field(
        default=30.0,
        ge=0,
        description=(
            "A result that only reuse holds, because its run was removed, goes when it was not used for so many days."
        ),
    )
    reuse_keep_bytes: int | None = Field(
        default=None,
        ge=0,
        description=(
            "Results that only reuse holds take at most so many bytes; those that were used longest ago go first. "
            "Unset: no limit."
        ),
        json_schema_extra={"default_text": "unset"},
    )
    data_cache_bytes: int = Field(
        default=50_000_000_000,
        ge=0,
        description=(
            "Files of datastores elsewhere are kept on this machine up to so many bytes; those that were used longest "
            "ago go first, and none that was used within the last hour."
        ),
    )
    web_allow: str = Field(
        default="",
        description=(
            "Hosts, with or without `:port` and separated by commas, that datasets of web addresses may name though "
            "they are no public addresses. Every other address of a private network is refused."
        ),
        json_schema_extra={"default_text": "none"},
    )
    compact_events_days: float | None = Field(
        default=30.0,
        ge=0,
        description=(
            "`azud gc` puts the events of a run that ended so many days ago together in one row; whoever reads them "
            "sees the same."
        ),
    )
    gc_interval_s: float | None = Field(
        default=None,
        ge=60,
        description=(
            "Seconds between garbage collections that the server does by itself. Unset: only `azud gc` collects."
        ),
        json_schema_extra={"default_text": "unset"},
    )

    @field_validator("tcp")
    @classmethod
    def _is_a_loopback_address(cls, value: str | None, _info: ValidationInfo) -> str | None:
        if value is None:
            return None
        host, separator, port = value.rpartition(":")
        if not separator or not port.isdecimal() or int(port) > 65535:
            raise ValueError("must be host:port, for example 127.0.0.1:8750")
        if host.strip("[]") not in _LOOPBACK:
            raise ValueError("must name this machine only (127.0.0.1, ::1 or localhost)")
        return value


@dataclasses.dataclass(frozen=True)
class SettingRow:
    """One line of the table of settings, as text for people."""

    name: str
    type: str
    default: str
    environment: str
    description: str


def settings_table() -> list[SettingRow]:
    """Return every setting in the order in which it is documented."""
    return [_row(name) for name in Settings.model_fields]


def _row(name: str) -> SettingRow:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    default = extra.get("default_text", field.default)
    return SettingRow(
        name=name,
        type=_type_text(field.annotation),
        default=str(default),
        environment=f"{ENVIRONMENT_PREFIX}{name.upper()}",
        description=field.description or "",
    )


def _type_text(annotation: Any) -> str:
    choices = getattr(annotation, "__args__", None)
    if choices is None:
        return str(annotation.__name__)
    return " or ".join(
        choice if isinstance(choice, str) else choice.__name__ for choice in choices if choice is not type(None)
    )
