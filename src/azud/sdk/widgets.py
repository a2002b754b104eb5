"""`RunDetails`: a run to look at, live in a notebook, as text elsewhere."""

from __future__ import annotations

import sys
import threading
from typing import Any, Dict, Optional

from azud.sdk.exceptions import AzureMLException, UserErrorException
from azud.sdk.run import TERMINAL, Run
from azud.sdk.run_view import RunView, as_data, as_html, as_text, view_of

_REFRESH_S = 1.0


class RunDetails:
    """Shows how a run stands."""

    def __init__(self, run_instance: Any) -> None:
        """Keep the run.

        Raises:
            UserErrorException: It is no run.
        """
        if not isinstance(run_instance, Run):
            raise UserErrorException(f"RunDetails() shows runs, not a {type(run_instance).__name__}")
        self._run = run_instance
        self._watch: Optional[threading.Thread] = None

    def show(self, render_lib: Any = None, widget_settings: Optional[Dict[str, Any]] = None) -> None:
        """Show the run and return at once.

        In a notebook it is HTML that follows the run until its end, in the background; elsewhere it is text, as the run
        stands now.

        Args:
            render_lib: Accepted as in v1.
            widget_settings: Accepted as in v1.

        Raises:
            UserErrorException: There is no such run.
        """
        view = view_of(self._run)
        display = _notebook()
        if display is None:
            print(as_text(view))
            return
        handle = display.display(display.HTML(as_html(view)), display_id=True)
        if handle is None or view.status in TERMINAL:
            return
        self._watch = threading.Thread(
            target=self._follow, args=(display, handle, view), name=f"azud run {self._run.id}", daemon=True
        )
        self._watch.start()

    def get_widget_data(self, widget_settings: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        """Return what is shown, as plain data."""
        return as_data(view_of(self._run))

    def _follow(self, display: Any, handle: Any, view: RunView) -> None:
        pause = threading.Event()
        while view.status not in TERMINAL:
            pause.wait(_REFRESH_S)
            try:
                now = view_of(self._run)
            except AzureMLException as error:
                handle.update(display.HTML(_lost(view, error)))
                return
            if now != view:
                view = now
                handle.update(display.HTML(as_html(view)))


def _lost(view: RunView, error: AzureMLException) -> str:
    return as_html(view._replace(error=f"the run cannot be followed any more: {error.message}"))


def _notebook() -> Any:
    """Return IPython's display module in a notebook's kernel, else None."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython import display

    return display
