"""The job of a `DataTransferStep`: this folder is the step's source folder."""
