"""The metric spool survives kills, threads, forks and full disks, and readers see whole records only."""

from __future__ import annotations

import errno
import math
import os
import threading
from pathlib import Path

import pytest

from azud.job.spool import SPOOL, Spool, read_records, with_nan


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool.open(str(tmp_path))


def test_records_come_back_in_order_and_from_an_offset(spool: Spool, tmp_path: Path) -> None:
    path = str(tmp_path / SPOOL)
    assert read_records(path, 0) == ([], 0)
    spool.write({"t": "tag", "key": "ä", "value": "line\nbreak \u2028"})
    first, offset = read_records(path, 0)
    assert first == [{"t": "tag", "key": "ä", "value": "line\nbreak \u2028"}]
    spool.write({"t": "metric", "value": 1.5})
    assert read_records(path, offset) == ([{"t": "metric", "value": 1.5}], os.path.getsize(path))


def test_a_spool_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert read_records(str(tmp_path / "none"), 7) == ([], 7)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, math.nan], {"a": [math.inf]}])
def test_floats_that_json_does_not_know(value: object, spool: Spool, tmp_path: Path) -> None:
    spool.write({"value": value})
    ((record,), _) = read_records(str(tmp_path / SPOOL), 0)
    assert repr(with_nan(record)["value"]) == repr(value)


@pytest.mark.parametrize("value", [{1, 2}, object, b"x", "\ud800"])
def test_no_value_fails_the_job(value: object, spool: Spool, tmp_path: Path) -> None:
    spool.write({"value": value})
    assert os.path.getsize(tmp_path / SPOOL) > 0


def test_a_torn_last_line_is_left_for_later(spool: Spool, tmp_path: Path) -> None:
    path = tmp_path / SPOOL
    spool.write({"n": 1})
    with path.open("ab") as stream:
        stream.write(b'{"n": 2')
    records, offset = read_records(str(path), 0)
    assert records == [{"n": 1}]
    with path.open("ab") as stream:
        stream.write(b"}\n")
    assert read_records(str(path), offset)[0] == [{"n": 2}]


def test_threads_and_children_do_not_mix_their_records(spool: Spool, tmp_path: Path) -> None:
    def log(who: int) -> None:
        for number in range(200):
            spool.write({"who": who, "n": number, "pad": "x" * 200})

    threads = [threading.Thread(target=log, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records, _ = read_records(str(tmp_path / SPOOL), 0)
    assert len(records) == 800
    for who in range(4):
        assert [record["n"] for record in records if record["who"] == who] == list(range(200))


def test_a_full_disk_warns_once_and_tears_one_record_only(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.write

    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    spool.write({"n": 1})
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:4]))
    spool.write({"n": 2})
    monkeypatch.setattr(os, "write", full)
    spool.write({"n": 3})
    monkeypatch.undo()
    spool.write({"n": 4})
    assert [record["n"] for record in read_records(str(tmp_path / SPOOL), 0)[0]] == [1, 4]
    assert capsys.readouterr().err.count("cannot be recorded") == 1


def test_records_of_a_killed_job_are_all_there(make_job) -> None:
    job = make_job(
        """
        import os
        from azud.job.spool import SPOOL, Spool
        spool = Spool.open(os.environ["AZUD_ATTEMPT_DIR"])
        for number in range(1000): spool.write({"n": number})
        if os.fork() == 0:
            spool.write({"n": 1000}); os._exit(0)
        os.wait()
        os.kill(os.getpid(), 9)
        """
    )
    assert job.run().signal == "SIGKILL"
    assert [record["n"] for record in read_records(job.attempt.path(SPOOL), 0)[0]] == list(range(1001))
