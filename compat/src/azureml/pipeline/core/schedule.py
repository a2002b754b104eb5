"""`azureml.pipeline.core.schedule`."""

from azud.sdk.lazy import reexport

__getattr__, __dir__ = reexport(
    __name__,
    {},
    absent={
        "Schedule": "schedules",
        "ScheduleRecurrence": "schedules",
        "TimeZone": "schedules",
    },
)
