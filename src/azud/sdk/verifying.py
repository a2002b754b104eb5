"""Running finished steps again, to see whether they make the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from azud.core.ids import new_token
from azud.sdk.exceptions import AzureMLException

if TYPE_CHECKING:
    from azud.sdk.run import Run

_LONG_POLL_S = 30.0


def verify(run: Run, steps: Optional[Sequence[str]], everything: bool) -> List[Dict[str, Any]]:
    """Return what came of each step, as the API shows it (`azud.model.verifications`), after waiting for it.

    Raises:
        AzureMLException: A step was not compared.
        UserErrorException: There is no such step, or the run has not ended.
    """
    path = f"/runs/{run.id}/verifications"
    body = {"steps": None if steps is None else list(steps), "all": everything, "submitted_by": "azud sdk"}
    begun = run._api.send("POST", path, body, key=new_token())
    told: List[Dict[str, Any]] = begun["steps"]
    if begun["run"] is None:
        return told
    second = begun["run"]["id"]
    while not run._api.get(f"/runs/{second}/end", {"wait_s": _LONG_POLL_S}, wait_s=_LONG_POLL_S)["terminal"]:
        pass
    listed = run._api.get(f"/runs/{second}/verifications", {"wait_s": _LONG_POLL_S}, wait_s=_LONG_POLL_S)["value"]
    found = {item["verified_by"]: item for item in listed if item["applies_to"] == item["verified_by"]}
    missing = [item["step_name"] for item in told if item["verified_by"] not in (None, *found)]
    if missing:
        raise AzureMLException(f"these steps were not compared: {', '.join(missing)}; azud server logs says why")
    return [found.get(item["verified_by"], item) for item in told]
