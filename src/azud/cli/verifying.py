"""`azud verify RUN`: run finished steps again, and say which of them make other bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from azud.cli import output, text
from azud.cli.waiting import leaving_it_running, wait_for_run
from azud.cli.workspace import find_run, is_step, open_workspace, pages
from azud.client.transport import Client
from azud.core.errors import BackendError, UserError
from azud.core.ids import new_token
from azud.model.codec import from_json, to_json
from azud.model.runs import RunRecord
from azud.model.verifications import (
    DIFFERENT,
    FAILED,
    NOT_COMPARABLE,
    RUNNING,
    SAME,
    SKIPPED,
    FileDifference,
    StepToVerify,
    Verification,
)

_POLL_S = 20.0
_WORDS = {SAME: "same", DIFFERENT: "different", FAILED: "failed", NOT_COMPARABLE: "not comparable", SKIPPED: "skipped"}
_FILES_SHOWN = 5


def main(
    folder: str | None, reference: str, steps: Sequence[str], *, everything: bool, wait: bool, as_json: bool
) -> int:
    """Verify steps of a run: 0 if all of them made the same bytes again, else 1."""
    client = open_workspace(folder).client
    run = find_run(client, reference)
    if steps and is_step(run):
        raise UserError("a step is named twice", hint="give RUN/STEP, or RUN and then STEP")
    body = {"steps": list(steps) or None, "all": everything, "submitted_by": "azud verify"}
    begun = client.post(f"/runs/{run.id}/verifications", body, key=new_token())
    verifying = from_json(RunRecord, begun["run"]) if begun["run"] is not None else None
    told = [from_json(StepToVerify, item) for item in begun["steps"]]
    if verifying is not None and not wait:
        if as_json:
            output.as_json(begun)
        else:
            _print_table(told, {})
            output.note(f"they run again as {verifying.id}; azud runs show {run.id[:8]} shows what came of it")
        return 0
    found = {} if verifying is None else _found(client, verifying, told, quiet=as_json)
    if as_json:
        output.as_json({**begun, "verifications": to_json(list(found.values()))})
    else:
        _print_table(told, found)
    return 0 if told and all(item.outcome == SAME for item in _last_words(told, found)) else 1


def _found(
    client: Client, verifying: RunRecord, told: Sequence[StepToVerify], *, quiet: bool
) -> dict[str, Verification]:
    """Return what came of each step that ran again, by its second step run."""
    expected = {item.verified_by for item in told if item.verified_by is not None}
    if quiet:
        with leaving_it_running(verifying.id):
            _await_end(client, verifying.id)
    else:
        wait_for_run(client, verifying.id)
    path = f"/runs/{verifying.id}/verifications"
    client.get(path, {"wait_s": _POLL_S}, wait_s=_POLL_S)
    found = {item.verified_by: item for item in verifications(client, verifying.id) if item.verified_by in expected}
    missing = expected - found.keys()
    if missing:
        raise BackendError(f"{len(missing)} of {len(expected)} steps were not compared", hint="see: azud server logs")
    return found


def _await_end(client: Client, run_id: str) -> None:
    while not client.get(f"/runs/{run_id}/end", {"wait_s": _POLL_S}, wait_s=_POLL_S)["terminal"]:
        pass


def verifications(client: Client, run_id: str) -> list[Verification]:
    """Return what is known about the steps of a run, oldest first."""
    return [from_json(Verification, item) for item in pages(client, f"/runs/{run_id}/verifications")]


def _last_words(told: Sequence[StepToVerify], found: dict[str, Verification]) -> list[StepToVerify | Verification]:
    return [found.get(item.verified_by or "", item) for item in told]


def _print_table(told: Sequence[StepToVerify], found: dict[str, Verification]) -> None:
    rows = []
    for item in _last_words(told, found):
        word = "runs again" if item.outcome == RUNNING else _WORDS[item.outcome]
        rows.append((item.step_name, word, detail(item)))
    output.table(("step", "result", "detail"), rows)


def detail(item: StepToVerify | Verification) -> str:
    """Return what there is to say about a step's result."""
    if not isinstance(item, Verification) or item.reason:
        return item.reason
    if item.outcome == SAME:
        return _files(item.file_count) if item.file_count else "it has no files among its outputs"
    shown = [difference(file) for file in item.files[:_FILES_SHOWN]]
    more = item.differing_count - len(shown)
    return "; ".join(shown) + (f"; and {_files(more)} more" if more > 0 else "")


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def difference(file: FileDifference) -> str:
    """Return where a file differs."""
    if file.what != "content":
        return f"{file.name()} ({'only the first' if file.what == 'missing' else 'only the second'} run wrote it)"
    words = [text.size(file.sizes[0] or 0)]
    if file.sizes[0] != file.sizes[1]:
        words[0] += f", then {text.size(file.sizes[1] or 0)}"
    if file.first_line is not None:
        lines = ", then ".join(repr(line) for line in file.lines)
        words.append(f"line {file.first_line}: {lines}")
    elif file.first_byte is not None:
        words.append(f"from byte {file.first_byte}")
    return f"{file.name()} ({'; '.join(words)})"


def as_column(found: Sequence[Verification], step: RunRecord) -> str:
    """Return, for a list of steps, what is known about one: its newest verification, or that of the same source."""
    own: list[Any] = [item for item in found if item.applies_to == step.id]
    of_result = [item for item in own if not item.of_same_code]
    different = [item for item in of_result if item.outcome == DIFFERENT]
    if different:
        return f"different: {_names(different[-1])}"
    if of_result:
        return _WORDS[of_result[-1].outcome]
    if own:
        return f"different as {own[-1].step_run_id[:8]}: {_names(own[-1])}"
    return ""


def _names(item: Verification) -> str:
    names = [file.name() for file in item.files]
    more = item.differing_count - len(names[:_FILES_SHOWN])
    return ", ".join(names[:_FILES_SHOWN]) + (f" and {more} more" if more > 0 else "")
