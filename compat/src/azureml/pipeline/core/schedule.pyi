# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have Schedule yet")
class Schedule:
    """Not there yet: start azud run PROGRAM from cron or a systemd timer."""

@deprecated("azud does not have ScheduleRecurrence yet")
class ScheduleRecurrence:
    """Not there yet: start azud run PROGRAM from cron or a systemd timer."""

@deprecated("azud does not have TimeZone yet")
class TimeZone:
    """Not there yet: start azud run PROGRAM from cron or a systemd timer."""
