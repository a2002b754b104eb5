"""`FileDataset.mount()`: a dataset's files below a local folder for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any, Callable, List, Optional, Tuple

from azud.core.paths import split_relative
from azud.sdk.exceptions import UserErrorException, translated


class MountOrder:
    """What is to be mounted: how to find the files, and where they shall appear."""

    def __init__(self, files: Callable[[], List[Tuple[str, str]]], mount_point: Optional[str]) -> None:
        """Keep both; the files, `(absolute path, relative name)`, are looked for when the mount starts."""
        self.files = files
        self.mount_point = mount_point


class DatasetContextManager:
    """A folder with links to a dataset's files, from `start` (or `with`) to `stop`.

    There is no FUSE: what is mounted are links to the files themselves, to be read.
    """

    def __init__(
        self, config: Any, ignore_already_mounted_error: bool = False, force_mount_with_allow_other: bool = False
    ) -> None:
        """Not for users: `FileDataset.mount()` makes these.

        Args:
            config: `MountOrder`.
            ignore_already_mounted_error: A second `start` does nothing, instead of being an error.
            force_mount_with_allow_other: Accepted as in v1; links can be read by whoever can read the files.
        """
        self._order: MountOrder = config
        self._ignore = ignore_already_mounted_error
        self._folder: Optional[str] = None
        self._is_ours = config.mount_point is None

    @property
    def mount_point(self) -> str:
        """The folder.

        Raises:
            UserErrorException: It was left to azud, and the mount has not started.
        """
        found = self._folder or self._order.mount_point
        if found is None:
            raise UserErrorException("this dataset is not mounted", hint="use `with dataset.mount() as mounted:`")
        return os.path.abspath(found)

    def start(self) -> None:
        """Make the folder and the links.

        Raises:
            UserErrorException: The mount has started already, or the folder holds something.
        """
        if self._folder is not None:
            if self._ignore:
                return
            raise UserErrorException(f"this dataset is mounted at {self._folder}", hint="stop() it first")
        files = self._order.files()
        folder = self._order.mount_point or tempfile.mkdtemp(prefix="azud-mount-")
        self._is_ours = not os.path.isdir(folder) or self._order.mount_point is None
        os.makedirs(folder, exist_ok=True)
        if os.listdir(folder):
            raise UserErrorException(f"{folder} is not empty", hint="mount a dataset to a new or empty folder")
        self._folder = os.path.abspath(folder)
        try:
            _link(files, self._folder)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Remove the links, and the folder if `start` made it; the files stay."""
        if self._folder is None:
            return
        folder, self._folder = self._folder, None
        for name in os.listdir(folder):
            place = os.path.join(folder, name)
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)  # links below it are removed, not followed
            else:
                os.unlink(place)
        if self._is_ours:
            os.rmdir(folder)

    def __enter__(self) -> DatasetContextManager:
        self.start()
        return self

    def __exit__(self, *exc_details: Any) -> None:
        self.stop()


def _link(files: List[Tuple[str, str]], folder: str) -> None:
    for path, relative in files:
        with translated():
            place = os.path.join(folder, *split_relative(relative))
        if os.path.lexists(place):
            raise UserErrorException(f"two files of the dataset have the same name {relative!r}")
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(path, place)
