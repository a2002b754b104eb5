"""`azureml.contrib`: not there yet, with everything below it."""

from azud.sdk.absent import absent_package

absent_package(__name__, "contrib")
