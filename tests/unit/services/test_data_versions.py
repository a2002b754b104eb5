"""Looking at the files of registered versions: in the background, once, and again when somebody asks."""

from __future__ import annotations

import threading
import time

import pytest

from azud.core.errors import NotFoundError, StorageError
from azud.engine.ports import DataFingerprint
from azud.model.data import DataLocation, DatasetDefinition, DatasetRecord
from azud.services.data_versions import DataVersionService

DEFINITION = DatasetDefinition("file", (DataLocation("store", "raw"),))
ONE, TWO = (DatasetRecord("id", DEFINITION, name="raw", version=version) for version in (1, 2))


class Catalog:
    """The versions that nobody has looked at, and what was found of them."""

    def __init__(self, *unseen):
        self.unseen = list(unseen)
        self.found = []

    def unseen_versions(self):
        return list(self.unseen)

    def note_state(self, found):
        self.found.append((found.version, found.state))
        self.unseen = [record for record in self.unseen if record.version != found.version]


class Data:
    """Finds what a test says, as slowly as it says."""

    def __init__(self):
        self.go_on = threading.Event()
        self.go_on.set()
        self.looks = 0
        self.trouble = None

    def fingerprint_dataset(self, datastores, dataset):
        self.looks += 1
        assert self.go_on.wait(30)
        if self.trouble is not None:
            raise self.trouble
        return DataFingerprint("digest", (), measure=lambda: (1, 5))


def _wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def data():
    return Data()


@pytest.fixture
def make(data):
    made = []

    def make(*unseen):
        catalog = Catalog(*unseen)
        made.append(DataVersionService(catalog, data, dict))
        return catalog, made[-1]

    yield make
    data.go_on.set()
    for service in made:
        service.close()


def test_what_nobody_has_looked_at_is_looked_at_when_a_server_starts(make):
    catalog, service = make(ONE, TWO)
    service.open()
    assert service.look(ONE, 30) is False  # behind the others in the one thread
    assert [(version, state.digest, state.file_count) for version, state in catalog.found[:2]] == [
        (1, "digest", 1),
        (2, "digest", 1),
    ]


def test_a_look_that_takes_long_is_asked_for_again_and_made_once(make, data):
    catalog, service = make()
    data.go_on.clear()
    assert service.look(ONE, 0.01) is True
    assert service.look(ONE, 0.01) is True
    data.go_on.set()
    assert service.look(ONE, 30) is False
    assert service.look(ONE, 30) is False
    assert 1 <= data.looks <= 3
    assert {version for version, _ in catalog.found} == {1}


@pytest.mark.parametrize(
    ("trouble", "digest"),
    [
        (NotFoundError("'raw' is not there"), "nothing"),
        (StorageError("the store is away"), None),
        (OSError("io"), None),
    ],
)
def test_what_cannot_be_read_is_kept_with_the_reason(make, data, trouble, digest):
    catalog, service = make()
    data.trouble = trouble
    service.look(ONE, 30)
    ((_, state),) = catalog.found
    assert (state.digest, state.reason) == (digest, str(getattr(trouble, "message", trouble)))


def test_a_server_that_ends_leaves_the_rest_to_the_next(make, data):
    catalog, service = make(ONE, TWO)
    data.go_on.clear()
    service.open()
    _wait_until(lambda: data.looks)
    closing = threading.Thread(target=service.close)
    closing.start()
    _wait_until(lambda: service._closing)
    data.go_on.set()
    closing.join(30)
    assert [version for version, _ in catalog.found] == [1]
    assert service.look(TWO, 30) is False
    service.look_for_new()
    assert [record.version for record in catalog.unseen] == [2]
