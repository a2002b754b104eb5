"""What changes a key and what does not: relations between two steps, and a proof that they miss no component.

Each relation changes one thing of a step. Those of `CHANGING` demand another key, those of `HARMLESS` the same. Both
are tried on generated steps. That the relations see every component is shown by taking the components out one by one:
each leaf of the pre-image, of the environment's identity, of the snapshot and of the data's digests. Without any of
them, two steps that a relation demands apart would have one key.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.authored import STORE, Authored, Recipe, author, change_input, change_output, change_step

from azud.core import digests
from azud.job.fingerprint import identity
from azud.model.definition import Argument, StepDefinition
from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.planning import key as keys
from azud.planning.key import action_key

Relation = Callable[[Recipe], Recipe]


def field(name: str, value: Any) -> Relation:
    return lambda recipe: dataclasses.replace(
        recipe, **{name: value(getattr(recipe, name)) if callable(value) else value}
    )


def tweak(change: Any) -> Relation:
    return lambda recipe: dataclasses.replace(recipe, tweak=change)


def entry(name: str, item: str, value: Any) -> Relation:
    """Set one item of a field that is a dict; None takes it away."""

    def change(recipe: Recipe) -> Recipe:
        items = {key: kept for key, kept in getattr(recipe, name).items() if key != item}
        if value is not None:
            items[item] = value(getattr(recipe, name).get(item)) if callable(value) else value
        return dataclasses.replace(recipe, **{name: items})

    return change


def flip(data: bytes | None) -> bytes:
    """Change one bit."""
    data = data or b"\0"
    return bytes([data[0] ^ 1]) + data[1:]


def renamed(name: str, old: str, new: str) -> Relation:
    def change(recipe: Recipe) -> Recipe:
        return dataclasses.replace(
            recipe, **{name: {new if key == old else key: value for key, value in getattr(recipe, name).items()}}
        )

    return change


def rate(value: Any) -> Relation:
    """Another effective value of the parameter, and nothing else: all that look alike are kept apart."""
    return field("rate", value)


def arguments_with(index: int, **changes: Any) -> Relation:
    def change(step: Any) -> Any:
        items = list(step.arguments)
        items[index] = dataclasses.replace(items[index], **changes)
        assert tuple(items) != step.arguments
        return dataclasses.replace(step, arguments=tuple(items))

    return tweak(change)


def parameters_with(**changes: Argument) -> Relation:
    return tweak(lambda step: dataclasses.replace(step, parameters={**step.parameters, **changes}))


def as_a_table(step: StepDefinition) -> StepDefinition:
    """Have the dataset of files be one of a table."""
    # Of the file dataset, which has no operations: those of a table are none of files.
    port = next(port for port in step.inputs if port.name == "data")
    return change_input("data", dataset=dataclasses.replace(port.dataset, type="tabular"))(step)


REGISTERED = {"name": "kept", "description": "what is kept", "tags": {"a": "1"}}
RICH = Recipe(
    executable=frozenset({"lib/util.py"}),
    in_text=4,
    params={"P": "1"},
    variables={"A": "1"},
    limit_s=5,
    version="1",
    data_mode="download",
    path_on_compute="there",
    table=b"x,y\n1,2\n",
    makers=("m1", "m2"),
    output={"data_type": "T"},
    dataset_output={"destination": (STORE, "fixed")},
    register_as=REGISTERED,
    conda={"openssl-3.json": b"{}"},
)
"""A step that has everything a key can name."""

CHANGING: dict[str, Relation] = {
    "a byte of the script": entry("files", "main.py", flip),
    "a byte of another file": entry("files", "lib/util.py", flip),
    "a file more": entry("files", "new.txt", b""),
    "a file less": entry("files", "lib/util.py", None),
    "a file renamed": renamed("files", "notes.txt", "note.txt"),
    "a file moved": renamed("files", "lib/util.py", "util.py"),
    "a file made executable": field("executable", lambda now: now ^ {"main.py"}),
    "an ignore file": entry("files", ".gitignore", b"nothing-matches-this\n"),
    "the script": field("script", "lib/util.py"),
    "the text around a parameter": arguments_with(7, value="--name=run-$AML_PARAMETER_in_text-y"),
    "an argument": field("arguments", lambda now: (*now[:-1], f"{now[-1] if now else ''}!")),
    "an argument more": field("arguments", lambda now: (*now, "")),
    "the order of arguments": field("arguments", lambda now: ("--first", *now)),
    "rate 0": rate(0),
    "rate ''": rate(""),
    "rate False": rate(False),
    "rate '0'": rate("0"),
    "rate 1": rate(1),
    "rate True": rate(True),
    "rate 1.0": rate(1.0),
    "the parameter in a text": field("in_text", lambda now: 7 if now != 7 else 8),
    "a parameter of the step": entry("params", "P", lambda now: f"{now}!"),
    "a parameter of the step more": entry("params", "Q", ""),
    "what a parameter of the step is": parameters_with(rate=Argument("parameter", "in_text")),
    "how a parameter of the step is meant": parameters_with(P=Argument("other", "1")),
    "how the parameter in an argument reaches the step": parameters_with(rate=Argument("literal", "rate")),
    "an environment variable": entry("variables", "A", lambda now: f"{now}!"),
    "an environment variable more": entry("variables", "B", ""),
    "the nodes": field("nodes", lambda now: now + 1),
    "the processes": field("processes", lambda now: now + 1),
    "the framework": field("framework", lambda now: "PyTorch" if now != "PyTorch" else "TensorFlow"),
    "the communicator": field("communicator", lambda now: "IntelMpi" if now != "IntelMpi" else "OpenMpi"),
    "the limit of time": field("limit_s", lambda now: (now or 0) + 1),
    "the version": field("version", lambda now: f"{now}!"),
    "the type of the step": tweak(change_step(type="CommandStep")),
    "the version of keys": lambda recipe: recipe,
    "a byte of an input": entry("data", "a.csv", flip),
    "a file of an input renamed": renamed("data", "a.csv", "b.csv"),
    "a file of an input moved": renamed("data", "deep/b.csv", "b.csv"),
    "a file of an input more": entry("data", "c.csv", b""),
    "a byte of a lone file": field("lone", flip),
    "the name of a lone file": field("lone_name", lambda now: f"x{now}"),
    "a byte of a table": field("table", lambda now: flip(now or b"x,y\n")),
    "the separator of a table": lambda recipe: dataclasses.replace(
        recipe, table=recipe.table or b"x", separator=";" if recipe.separator != ";" else "|"
    ),
    "what is made of a table": lambda recipe: dataclasses.replace(recipe, table=recipe.table or b"x", columns="y"),
    "the type of a dataset": tweak(as_a_table),
    "a byte of what an earlier step made": field("made", flip),
    "how an input is given": field("data_mode", lambda now: "mount" if now == "download" else "download"),
    "where an input is put": field("path_on_compute", lambda now: f"{now}x"),
    "an input less": field("lone", lambda now: None if now else b"more"),
    "what the step runs after": field("makers", lambda now: (*now, "another")),
    "who made what the step runs after": field("makers", lambda now: (*now[:-1], "somebody")),
    "who else made what the step runs after": field("makers", lambda now: ("a0", *now[1:])),
    "the mode of an output": entry("output", "output_mode", lambda now: "mount" if now == "upload" else "upload"),
    "the type of an output": entry("output", "data_type", lambda now: f"{now}!"),
    "the place of an output": entry("dataset_output", "destination", (STORE, "elsewhere/{output-name}")),
    "the registration of an output": field("register_as", lambda now: None if now else REGISTERED),
    "a package's version": entry("packages", "numpy", lambda now: f"{now}.1"),
    "a package's build": entry("builds", "numpy", lambda now: f"{now}!"),
    "a package more": entry("packages", "pandas", "2.0"),
    "a package renamed": renamed("packages", "numpy", "numpx"),
    "a byte of an editable install": entry("editable", "pkg/code.py", flip),
    "a file of an editable install": entry("editable", "pkg/new.py", b""),
    "a record of conda": entry("conda", "openssl-3.json", lambda now: f"{now}!".encode()),
    "the implementation of Python": field("interpreter", lambda now: ("PyPy", *now[1:])),
    "the version of Python": field("interpreter", lambda now: (now[0], "3.13.1", now[2])),
    "the platform": field("interpreter", lambda now: (*now[:2], "linux-aarch64")),
}
"""What can change a result."""

for _name in ("data", "table", "lone", "made"):
    CHANGING[f"the kind of input {_name}"] = tweak(lambda step, name=_name: change_input(name, kind="other")(step))
    CHANGING[f"the mode of input {_name}"] = tweak(lambda step, name=_name: change_input(name, mode="other")(step))
    CHANGING[f"the path of input {_name}"] = tweak(
        lambda step, name=_name: change_input(name, path_on_compute="other")(step)
    )
for _name in ("out", "kept"):
    for _field, _value in {
        "kind": "other",
        "mode": "other",
        "path_on_compute": "other",
        "overwrite": True,
        "destination": "other",
        "data_type": "other",
        "reader": {"format": "delimited"},
        "register_as": {"name": "other", "description": "", "tags": {}},
        "datastore": "workspacefilestore",
    }.items():
        CHANGING[f"{_field} of output {_name}"] = tweak(
            lambda step, name=_name, changes={_field: _value}: change_output(name, **changes)(step)
        )
for _field, _value in {"name": "other", "description": "other", "tags": {"a": "2"}}.items():
    CHANGING[f"{_field} of a registration"] = field("register_as", lambda now, part={_field: _value}: {**now, **part})
for _index in range(12):
    CHANGING[f"the kind of argument {_index}"] = arguments_with(_index, kind="other")
    CHANGING[f"the value of argument {_index}"] = arguments_with(_index, value="in_text")

HARMLESS: dict[str, Relation] = {
    "the step's name": field("name", lambda now: f"another {now}"),
    "the pipeline's description": field("description", "told differently"),
    "tags": field("tags", {"who": "me"}),
    "the compute target": field("compute", "cluster"),
    "retries": field("retries", 3),
    "whether it may be reused": field("allow_reuse", lambda now: not now),
    "the experiment": field("experiment", "another"),
    "the name of a pipeline output": field("pipeline_output_name", "result"),
    "the times of all files": field("mtime", 1_000_000_000),
    "the order in which all is made and declared": field("order", lambda now: now + 1),
    "an ignored file": entry("ignored", "run.log", b"text"),
    "a file in an ignored folder": entry("ignored", "cache/x.py", b"text"),
    "a compiled file": entry("ignored", "__pycache__/main.cpython-311.pyc", b"text"),
    "an empty folder": field("prepared", ("lib/nothing",)),
    "the place of everything": field("place", "there/and/deeper"),
    "the host": field("host", "another"),
    "a parameter of another step": field("unused", 2),
    "a comment in the step that made an input": field("maker_comment", "the same bytes come of it"),
    "a package in another environment": lambda recipe: recipe,
    "files of an editable project that are no source": entry("editable", "data/model.bin", b"weights"),
}
"""What cannot."""

_ONLY_RICH = (
    "the kind of",
    "the type of",
    "the value of",
    "the mode of input",
    "the path of input",
    "how a parameter",
    "how the parameter",
    "what a parameter",
    "who ",
    "the text around",
    "the version of keys",
)
GENERAL = sorted(
    name
    for name in CHANGING
    if not name.startswith(_ONLY_RICH) and " of output " not in name and not name.endswith("of a registration")
)
"""Those that make sense for every step; the others need one that is rich enough."""


# -- generated steps ---------------------------------------------------------------------------

BYTES = st.binary(max_size=20)
WORDS = st.text("abcxyz=./-_ é$", max_size=8)
NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
RECIPES = st.builds(
    Recipe,
    files=st.dictionaries(NAMES.map(lambda name: f"{name}.py"), BYTES, max_size=3).map(
        lambda files: {**files, "main.py": b"pass", "lib/util.py": b"x = 1", "notes.txt": b"text"}
    ),
    executable=st.sets(st.sampled_from(["main.py", "lib/util.py"])).map(frozenset),
    arguments=st.lists(st.one_of(WORDS, st.integers(0, 99), st.booleans()), max_size=4).map(tuple),
    rate=st.one_of(st.floats(-5, -2), st.integers(-9, -2), st.text("abc", min_size=2, max_size=4)),
    in_text=st.one_of(st.none(), st.integers(0, 6)),
    params=st.dictionaries(NAMES.map(str.upper), WORDS, max_size=2),
    variables=st.dictionaries(NAMES.map(str.upper), WORDS, max_size=2),
    nodes=st.integers(1, 4),
    processes=st.integers(1, 4),
    framework=st.sampled_from(["Python", "PyTorch"]),
    limit_s=st.one_of(st.none(), st.integers(1, 1000)),
    version=st.one_of(st.none(), WORDS),
    data=st.dictionaries(NAMES.map(lambda name: f"{name}/{name}.txt"), BYTES, max_size=3).map(
        lambda data: {**data, "a.csv": b"1,2", "deep/b.csv": b"3,4"}
    ),
    data_mode=st.sampled_from(["mount", "download"]),
    table=st.one_of(st.none(), st.just(b"x,y\n1,2\n")),
    lone=st.one_of(st.none(), BYTES),
    made=st.one_of(st.none(), BYTES),
    makers=st.lists(NAMES, max_size=2, unique=True).map(tuple),
    packages=st.dictionaries(NAMES, st.sampled_from(["1.0", "2.1"]), max_size=2).map(
        lambda packages: {**packages, "numpy": "1.0"}
    ),
    order=st.integers(0, 3),
)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def authored(recipe: Recipe) -> Authored:
    with tempfile.TemporaryDirectory() as folder:
        return author(recipe, Path(folder))


def means_the_same(recipe: Recipe, changed: Recipe, relation: str) -> bool:
    """Return whether a relation has nothing to change in this recipe."""
    if relation == "the name of a lone file":
        return recipe.lone is None
    return recipe == changed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RECIPES, st.sampled_from(GENERAL))
def test_what_can_change_a_result_changes_the_key(recipe: Recipe, relation: str) -> None:
    changed = CHANGING[relation](recipe)
    if not means_the_same(recipe, changed, relation):
        assert action_key(authored(recipe).image) != action_key(authored(changed).image)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RECIPES, st.lists(st.sampled_from(sorted(HARMLESS)), min_size=1, max_size=4))
def test_what_cannot_change_a_result_does_not_change_the_key(recipe: Recipe, relations: list[str]) -> None:
    changed = recipe
    for relation in relations:
        changed = HARMLESS[relation](changed)
    assert authored(recipe).image == authored(changed).image


@pytest.mark.parametrize("relation", sorted(HARMLESS))
def test_nothing_harmless_changes_the_key_of_a_rich_step(relation: str) -> None:
    assert authored(HARMLESS[relation](RICH)).image == authored(RICH).image


def test_values_that_look_alike_are_kept_apart() -> None:
    values = [0, "", False, 0.0, "0", "False", "None", 1, True, 1.0, "1", "1.0"]
    found = {action_key(authored(rate(value)(RICH)).image) for value in values}
    assert len(found) == len(values)


# -- no component is missed --------------------------------------------------------------------

Path_ = tuple[Any, ...]


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every part of a value that has no parts."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    empty = True
    for key, part in parts:
        empty = False
        yield from leaves(part, (*path, key))
    if empty:
        yield path


def without(value: Any, path: Path_) -> Any:
    """Return a value without the part at a path; in lists its place stays."""
    found = copy.deepcopy(value)
    owner = found
    for key in path[:-1]:
        if not has(owner, key):
            return found
        owner = owner[key]
    if isinstance(owner, dict):
        owner.pop(path[-1], None)
    elif has(owner, path[-1]):
        owner[path[-1]] = "left out"
    return found


def has(owner: Any, key: Any) -> bool:
    return key in owner if isinstance(owner, dict) else isinstance(owner, list) and key < len(owner)


@pytest.fixture(scope="module")
def rich() -> Authored:
    return authored(RICH)


@pytest.fixture(scope="module")
def others(own_cache: None) -> dict[str, Authored]:
    """What every changing relation makes of the rich step."""
    found = {}
    for name, relation in CHANGING.items():
        with pytest.MonkeyPatch.context() as patch:
            if name == "the version of keys":
                patch.setattr(keys, "KEY_VERSION", keys.KEY_VERSION + 1)
            found[name] = authored(relation(RICH))
    return found


def test_every_relation_holds_for_the_rich_step(rich: Authored, others: dict[str, Authored]) -> None:
    same = [name for name, other in others.items() if action_key(other.image) == action_key(rich.image)]
    assert same == []


def test_no_component_of_the_preimage_can_be_left_out_unnoticed(rich: Authored, others: dict[str, Authored]) -> None:
    paths = list(leaves(rich.image))
    assert len(paths) >= 80
    unnoticed = [
        path
        for path in paths
        if not any(without(other.image, path) == without(rich.image, path) for other in others.values())
    ]
    # The type of a parameter's value says nothing that canonical JSON does not say as well.
    assert unnoticed == [path for path in paths if path[0] == "parameters" and path[-1] == 0]


def test_no_component_of_the_environment_can_be_left_out_unnoticed(rich: Authored, others: dict[str, Authored]) -> None:
    found = {name: value for name, value in rich.fingerprint.items() if name not in ("folders", "prefix", "files")}
    paths = [path for path in leaves(found) if not (path[0] == "paths" and path[-1] == 0)]
    assert len(paths) >= 8
    whole = identity(rich.fingerprint)
    for path in paths:
        mutant = identity(without(rich.fingerprint, path))
        assert any(
            identity(other.fingerprint) != whole and identity(without(other.fingerprint, path)) == mutant
            for other in others.values()
        ), path
    for path in set(leaves(rich.fingerprint)) - set(paths):
        assert identity(changed_at(rich.fingerprint, path)) == whole, f"{path} is a place"


def changed_at(value: Any, path: Path_) -> Any:
    found = copy.deepcopy(value)
    owner = found
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = "elsewhere"
    return found


def test_no_component_of_a_snapshot_can_be_left_out_unnoticed(rich: Authored, others: dict[str, Authored]) -> None:
    unnoticed = []
    for part in dataclasses.fields(SnapshotFile):

        def mutant(snapshot: SourceSnapshot, name: str = part.name) -> str:
            return SourceSnapshot(tuple(dataclasses.replace(file, **{name: ""}) for file in snapshot.files)).digest()

        demanded = [other for other in others.values() if other.snapshot.digest() != rich.snapshot.digest()]
        if not any(mutant(other.snapshot) == mutant(rich.snapshot) for other in demanded):
            unnoticed.append(part.name)
    assert unnoticed == ["size_bytes"], "which the digest of the file's bytes says as well"


@pytest.mark.parametrize("component, noticed", [(0, True), (1, True), (2, False)], ids=["name", "digest", "size"])
def test_no_component_of_a_trees_digest_can_be_left_out_unnoticed(component, noticed, rich, others) -> None:
    real = digests.digest_tree

    def mutant(entries: Any) -> str:
        rows = [[*entry[:component], "", *entry[component + 1 :]] for entry in entries]
        return digests.digest_value(["tree/1", sorted(rows)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azud.adapters.datastores.digests.digest_tree", mutant)
        before = authored(RICH).image["inputs"]
        colliding = [
            name
            for name in CHANGING
            if others[name].image["inputs"] != rich.image["inputs"]
            and authored(CHANGING[name](RICH)).image["inputs"] == before
        ]
    assert real is digests.digest_tree
    # A file's size is what its digest says as well.
    assert bool(colliding) == noticed, colliding


@pytest.mark.parametrize("component", range(4))
def test_no_component_of_a_datasets_digest_can_be_left_out_unnoticed(component, rich, others, monkeypatch) -> None:
    """It is made of the digest of the files, the type, the reader and the operations."""
    from azud.engine import reuse

    def mutant(value: Any) -> str:
        parts = [value[0], *value[1]]
        parts[component] = None
        return digests.digest_value(parts)

    monkeypatch.setattr(reuse, "digest_value", mutant)
    before = authored(RICH).image["inputs"]
    colliding = [
        name
        for name in CHANGING
        if others[name].image["inputs"] != rich.image["inputs"]
        and authored(CHANGING[name](RICH)).image["inputs"] == before
    ]
    assert colliding, "no relation tells such data apart"


def test_the_key_is_the_digest_of_the_whole_preimage(rich: Authored) -> None:
    for path in leaves(rich.image):
        assert action_key(without(rich.image, path)) != action_key(rich.image), path
    assert os.fsencode(action_key(rich.image)).isalnum()
