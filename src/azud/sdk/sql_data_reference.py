"""What of a database a `DataTransferStep` reads or writes."""

from __future__ import annotations

import enum
import os
from typing import Any, List, NoReturn, Optional

from azud.sdk.datapath import DataReference
from azud.sdk.exceptions import DefinitionValueError


class StoredProcedureParameterType(enum.Enum):
    """Types of the parameters of stored procedures."""

    String = "String"
    Int = "Int"
    Decimal = "Decimal"
    Guid = "Guid"
    Boolean = "Boolean"
    Date = "Date"

    @staticmethod
    def from_str(code: str) -> StoredProcedureParameterType:
        """Return the type of this name, in any case.

        Raises:
            ValueError: There is none.
        """
        for item in StoredProcedureParameterType:
            if item.value.lower() == str(code).lower():
                return item
        known = ", ".join(item.value for item in StoredProcedureParameterType)
        raise DefinitionValueError(f"{code!r} is no type of a stored procedure's parameter", hint=f"use {known}")


class StoredProcedureParameter:
    """A value for a parameter of a stored procedure."""

    def __init__(self, name: str, value: Any, type: Optional[StoredProcedureParameterType] = None) -> None:
        """Keep the fields; the type is `String` if None."""
        self.name = name
        self.value = value
        self.type = type or StoredProcedureParameterType.String


class SqlDataReference(DataReference):
    """A table or query of a database, for a `DataTransferStep`; stored procedures are not called yet."""

    def __init__(
        self,
        datastore: Any,
        data_reference_name: Optional[str] = None,
        sql_table: Optional[str] = None,
        sql_query: Optional[str] = None,
        sql_stored_procedure: Optional[str] = None,
        sql_stored_procedure_params: Optional[List[StoredProcedureParameter]] = None,
    ) -> None:
        """Keep what is to be read; the name is a random one if None, as in v1."""
        super().__init__(datastore, data_reference_name or os.urandom(16).hex())
        self.sql_table = sql_table
        self.sql_query = sql_query
        self.sql_stored_procedure = sql_stored_procedure
        self.sql_stored_procedure_params = sql_stored_procedure_params

    def path(self, path: Optional[str] = None, data_reference_name: Optional[str] = None) -> NoReturn:
        """Refuse, as v1 does: a database has no paths.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("SqlDataReference.path: a database has no paths")

    def as_download(self, path_on_compute: Optional[str] = None, overwrite: bool = False) -> NoReturn:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("SqlDataReference.as_download: a database is not downloaded")

    def as_upload(self, path_on_compute: Optional[str] = None, overwrite: bool = False) -> NoReturn:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("SqlDataReference.as_upload: nothing is uploaded to a database")

    def as_mount(self) -> NoReturn:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("SqlDataReference.as_mount: a database is not mounted")

    def to_config(self) -> NoReturn:
        """Refuse, as v1 does.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("SqlDataReference.to_config: a run configuration holds no databases")
