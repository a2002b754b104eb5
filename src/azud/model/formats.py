"""Names of table formats that more than one part of azud knows. Nothing else is here, so that it costs no time."""

from __future__ import annotations

ROWS = "azud-rows/1"
"""The rows of a database as `azud.model.rows` writes them."""
