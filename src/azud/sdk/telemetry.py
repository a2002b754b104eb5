"""`azureml.telemetry`: programs switch it on or off; azud sends nothing to anybody."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def set_diagnostics_collection(send_diagnostics: bool = True, *args: Any, **kwargs: Any) -> None:
    """Accept the wish: there are no diagnostics, whatever it is."""
