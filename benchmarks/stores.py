"""Files to and from datastores: beside `cp` for folders, beside plain loops over the vendor's library for blobs."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

from azud import Datastore
from benchmarks.bench import Place, Result, fresh_place, twins

SMALL_FILES, SMALL_BYTES = 2_000, 2_000
AT_ONCE = 16


def stores(quick: bool) -> list[Result]:
    """Upload and download of many small files and of a large one."""
    from tests.servers.storage import has_azurite, running_azurite

    small, large = (300, 200 << 20) if quick else (SMALL_FILES, 2 << 30)
    repeats = {"small": 1 if quick else 3, "large": 1}
    with fresh_place() as place, tempfile.TemporaryDirectory(dir=place.folder) as folder:
        sources = {f"{small} small files": _small(folder, small), f"a file of {large >> 20} MiB": _large(folder, large)}
        found = []
        for name, source in sources.items():
            found += _local(place, name, source, repeats[os.path.basename(source)])
        if has_azurite():
            with running_azurite() as server:
                for name, source in sources.items():
                    found += _blobs(place, server, name, source, repeats[os.path.basename(source)])
        return found


def _small(folder: str, count: int) -> str:
    source = os.path.join(folder, "small")
    os.makedirs(source)
    for number in range(count):
        with open(os.path.join(source, f"{number:05}.bin"), "wb") as stream:
            stream.write(os.urandom(SMALL_BYTES))
    return source


def _large(folder: str, size_bytes: int) -> str:
    source = os.path.join(folder, "large")
    os.makedirs(source)
    piece = os.urandom(1 << 20)
    with open(os.path.join(source, "large.bin"), "wb") as stream:
        for _ in range(size_bytes >> 20):
            stream.write(piece)
    return source


def _local(place: Place, name: str, source: str, repeats: int) -> list[Result]:
    store = place.workspace.get_default_datastore()
    bare = os.path.join(place.folder, "copied")

    def copy() -> None:
        shutil.rmtree(bare, ignore_errors=True)
        subprocess.run(["cp", "-r", source, bare], check=True)

    return _both(f"folder, {name}", store, source, place, (copy, copy), repeats, limit=4.0)


def _blobs(place: Place, server: Any, name: str, source: str, repeats: int) -> list[Result]:
    from azure.storage.blob import BlobServiceClient

    store = Datastore.register_azure_blob_container(
        place.workspace,
        f"blobs-{os.path.basename(source)}",
        f"bench-{os.path.basename(source)}",
        server.account,
        account_key=server.key,
        protocol="http",
        endpoint=f"{server.host}:{server.port}/{server.account}",
        create_if_not_exists=True,
    )
    service = BlobServiceClient.from_connection_string(server.connection_string, max_block_size=16 << 20)
    container = service.create_container(f"bare-{os.path.basename(source)}")
    names = sorted(os.listdir(source))
    bare = os.path.join(place.folder, "downloaded")

    def send(name: str) -> None:
        with open(os.path.join(source, name), "rb") as stream:
            container.upload_blob(name, stream, overwrite=True)

    def bring(name: str) -> None:
        with open(os.path.join(bare, name), "wb") as stream:
            container.download_blob(name).readinto(stream)

    def all_of(work: Callable[[str], None]) -> Callable[[], None]:
        def go() -> None:
            os.makedirs(bare, exist_ok=True)
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(work, names))

        return go

    return _both(f"blobs, {name}", store, source, place, (all_of(send), all_of(bring)), repeats, limit=2.0)


def _both(
    name: str,
    store: Any,
    source: str,
    place: Place,
    bare: tuple[Callable[[], None], Callable[[], None]],
    repeats: int,
    limit: float,
) -> list[Result]:
    target = os.path.basename(source)
    into = os.path.join(place.folder, "got")

    def upload() -> float:
        start = time.perf_counter()
        store.upload(source, target, overwrite=True, show_progress=False)
        return time.perf_counter() - start

    def download() -> float:
        shutil.rmtree(into, ignore_errors=True)
        start = time.perf_counter()
        store.download(into, prefix=target, show_progress=False)
        return time.perf_counter() - start

    up, down = twins(upload, bare[0], repeats), twins(download, bare[1], repeats)
    return [
        Result(f"upload to a {name}", up[0] / up[1], "×", limit, f"{up[0]:.2f} s beside {up[1]:.2f} s"),
        Result(f"download from a {name}", down[0] / down[1], "×", limit, f"{down[0]:.2f} s beside {down[1]:.2f} s"),
    ]
