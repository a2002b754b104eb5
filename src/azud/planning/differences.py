"""What differs between two pre-images of action keys, component by component.

Pure: it says which source, environment or input changed by their digests; what changed inside of them is for those to
find out who have their contents.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from azud.core.canonical import canonical_json

_SECRET = re.compile(r"secret|token|passw|pwd|credential|connection|(^|_)(key|sas)($|_)", re.IGNORECASE)
_LONGEST = 200
CONTENT = "content"
"""Component of an input whose bytes are others; `input` is how it is given."""
_STEP_TEXTS = ("type", "version", "script", "timeout_s")
_SETTINGS = ("framework", "communicator", "node_count", "process_count_per_node")
_PORT_FIELDS = ("kind", "mode", "path on compute")


class Difference(NamedTuple):
    """A component that differs; `component` and `name` as in `azud.model.explanation.Change`, and `CONTENT`.

    `before` and `now` are the values in the pre-images; None where there is none.
    """

    component: str
    name: str
    before: Any
    now: Any


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> List[Difference]:
    """Return the components in which two pre-images differ, in the order in which people look for them.

    Pre-images of different versions differ in their version and in nothing else that could be told apart.
    """
    if before.get("version") != now.get("version"):
        return [Difference("key_version", "", before.get("version"), now.get("version"))]
    found: List[Difference] = []
    if before["source"] != now["source"]:
        found.append(Difference("source", "", before["source"], now["source"]))
    found.extend(_of_step(before["step"], now["step"]))
    found.extend(_of_map("parameter", before["parameters"], now["parameters"]))
    found.extend(_of_inputs(before, now))
    found.extend(_of_settings(before["settings"], now["settings"]))
    if before["environment"] != now["environment"]:
        found.append(Difference("environment", "", before["environment"], now["environment"]))
    if before["run_after"] != now["run_after"]:
        found.append(Difference("run_after", "", before["run_after"], now["run_after"]))
    return found


def distance(found: Sequence[Difference]) -> int:
    """Return how far apart two pre-images with these differences are; another version is farther than anything else."""
    return 1_000_000 if found and found[0].component == "key_version" else len(found)


def _of_map(component: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*before, *now}):
        if not _equal(before.get(name), now.get(name)):
            yield Difference(component, name, before.get(name), now.get(name))


def _of_step(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in _STEP_TEXTS:
        if before[name] != now[name]:
            yield Difference("step", name, before[name], now[name])
    yield from _of_arguments(before["arguments"], now["arguments"])
    yield from _of_map("argument", before["params"], now["params"])
    for component, ports in (("input", "inputs"), ("output", "outputs")):
        for name in sorted({*before[ports], *now[ports]}):
            one, other = before[ports].get(name), now[ports].get(name)
            if one is None or other is None:
                yield Difference(component, name, one and _port(one), other and _port(other))
                continue
            fields, others = _fields(one), _fields(other)
            for field in fields:
                if not _equal(fields[field], others.get(field)):
                    yield Difference(component, f"{name}, {field}", fields[field], others.get(field))


def _fields(port: Any) -> Mapping[str, Any]:
    if isinstance(port, Mapping):
        return {name.replace("_", " "): value for name, value in port.items()}
    return dict(zip(_PORT_FIELDS, port))


def _port(port: Any) -> str:
    return ", ".join(str(value) for value in _fields(port).values() if isinstance(value, str) and value)


def _of_arguments(before: Sequence[Any], now: Sequence[Any]) -> Iterator[Difference]:
    texts = [[canonical_json(item) for item in items] for items in (before, now)]
    matcher = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        gone, new = list(range(start, end)), list(range(first, last))
        while gone or new:
            old_index = gone.pop(0) if gone else None
            new_index = new.pop(0) if new else None
            name = _argument_name(now, new_index) if new_index is not None else _argument_name(before, old_index or 0)
            yield Difference(
                "argument",
                name,
                None if old_index is None else before[old_index],
                None if new_index is None else now[new_index],
            )


def _argument_name(arguments: Sequence[Any], index: int) -> str:
    """Name an argument after the option before it, else by its place, counted from 1."""
    if index and arguments[index][0] == "literal" and str(arguments[index][1]).startswith("-"):
        return str(index + 1)
    if index and arguments[index - 1][0] == "literal" and str(arguments[index - 1][1]).startswith("-"):
        return str(arguments[index - 1][1])
    return str(index + 1)


def _of_inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted(before["inputs"]):
        # A port that is new or gone was reported as such.
        if name in now["inputs"] and before["inputs"][name] != now["inputs"][name]:
            yield Difference(CONTENT, name, before["inputs"][name], now["inputs"][name])


def _of_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in _SETTINGS:
        if before[name] != now[name]:
            yield Difference("setting", name, before[name], now[name])
    yield from _of_map("variable", before["environment_variables"], now["environment_variables"])


def _equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same to a key, which keeps 1, 1.0 and true apart."""
    return canonical_json(one) == canonical_json(other)


def shown(difference: Difference) -> Tuple[Optional[str], Optional[str]]:
    """Return a difference's values as text for people; secrets are not shown."""
    if difference.component == "variable" and _SECRET.search(difference.name):
        return tuple(None if value is None else "(hidden)" for value in (difference.before, difference.now))  # type: ignore[return-value]
    return _text(difference.component, difference.before), _text(difference.component, difference.now)


def _text(component: str, value: Any) -> Optional[str]:
    if value is None:
        return None
    if component == "argument":
        kind, inner = value
        text = _literal(inner) if kind == "literal" else f"{kind} {inner}"
    elif component == "parameter":
        text = repr(value[1])  # with its type: 1, 1.0, True and '1' are different values
    else:
        text = value if isinstance(value, str) else canonical_json(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _literal(value: Any) -> str:
    return value if isinstance(value, str) and value and not value.isspace() else repr(value)
