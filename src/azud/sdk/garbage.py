"""Python's search for garbage, put off while a large pipeline is made ready to be sent."""

from __future__ import annotations

import gc


class NoCollection:
    """Puts the search off while it is entered; where the program has switched it off, nothing changes.

    A thousand steps are some hundred thousand objects that all live until they are sent and go with their last
    reference. Python would look through them, and through all that the program holds, several times in between.
    """

    def __init__(self) -> None:
        """Do nothing yet."""
        self._was_on = False

    def __enter__(self) -> None:
        """Put the search off."""
        self._was_on = gc.isenabled()
        if self._was_on:
            gc.disable()

    def __exit__(self, *exception: object) -> None:
        """Leave it as it was."""
        if self._was_on:
            gc.enable()
