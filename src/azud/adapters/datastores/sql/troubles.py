"""What databases and their libraries raise, as azud's errors, without anything of a credential."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy.exc

from azud.core.errors import AzudError, NotFoundError, PermissionDeniedError, StorageError, UserError

DENIED, NO_DATABASE, NO_TABLE, WRONG, READ_ONLY, TOO_LONG, AWAY, FULL = (
    "denied", "no database", "no table", "wrong", "read only", "too long", "away", "full"
)  # fmt: skip

_SQLSTATES = {
    "28": DENIED, "42501": DENIED, "3D000": NO_DATABASE, "42P01": NO_TABLE, "25006": READ_ONLY, "57014": TOO_LONG,
    "08": AWAY, "53": AWAY, "57P": AWAY, "40": AWAY, "42": WRONG, "22": WRONG, "23": WRONG, "0A": WRONG, "2": WRONG,
    "53100": FULL,
}  # fmt: skip
"""Meanings of PostgreSQL's codes, by how they begin; the longest beginning counts."""

_MYSQL = {
    1044: DENIED, 1045: DENIED, 1142: DENIED, 1143: DENIED, 1227: DENIED, 1370: DENIED, 1698: DENIED,
    1049: NO_DATABASE, 1146: NO_TABLE, 1792: READ_ONLY, 1290: READ_ONLY,
    1317: TOO_LONG, 1969: TOO_LONG, 3024: TOO_LONG,
    1040: AWAY, 1053: AWAY, 1205: AWAY, 1213: AWAY, 2002: AWAY, 2003: AWAY, 2006: AWAY, 2013: AWAY, 2055: AWAY,
    1927: AWAY, 1021: FULL, 1114: FULL,
}  # fmt: skip
_SQL_SERVER = {
    18456: DENIED, 229: DENIED, 262: DENIED, 4060: NO_DATABASE, 208: NO_TABLE, 3906: READ_ONLY, 1105: FULL,
    1205: AWAY, 40197: AWAY, 40501: AWAY, 40613: AWAY, 49918: AWAY, 10928: AWAY, 10929: AWAY,
}  # fmt: skip
_ODBC_STATES = {"HYT00": TOO_LONG, "HYT01": AWAY, "08": AWAY, "28": DENIED, "42": WRONG, "22": WRONG, "23": WRONG}
_NATIVE = re.compile(r"\((\d+)\) \(SQL")
_ODBC_NOISE = re.compile(r"^(?:\[[^\]]*\]\s*)+")


@dataclasses.dataclass(frozen=True)
class Told:
    """What a database said.

    Args:
        meaning: One of the words above; `WRONG` if it names a mistake of the statement.
        text: Its own words.
        position: Of the mistake in the statement, in characters from 1, if it says so.
    """

    meaning: str
    text: str
    position: int | None = None


def translated(error: BaseException, place: str, secrets: Iterable[str], statement: str, offset: int) -> AzudError:
    """Return an error of a database's library as azud's.

    Args:
        error: What was raised.
        place: What was asked, for people: `datastore 'sales'`.
        secrets: Texts that no message may hold.
        statement: What was to be run, to show the place of a mistake; "" if it was azud's own.
        offset: How many characters azud put before it.
    """
    if isinstance(error, AzudError):
        return error
    told = _told(_original(error))
    text = told.text.strip() or type(error).__name__
    for secret in secrets:
        text = text.replace(secret, "…") if secret else text
    position = (told.position or 0) - offset
    if 0 < position <= len(statement) + 1:
        text = f"{text} ({_line_and_column(statement, position)})"
    kind, hint = _ERRORS[told.meaning]
    return kind(f"{place}: {text}", hint=hint, retryable=told.meaning == AWAY)


_ERRORS: Mapping[str, tuple[type[AzudError], str]] = {
    DENIED: (PermissionDeniedError, "check user, password and what the user may do in the database"),
    NO_DATABASE: (NotFoundError, "check the name of the database that the datastore was registered with"),
    NO_TABLE: (NotFoundError, "check the name; a table of another schema is written schema.table"),
    READ_ONLY: (UserError, "a query only reads: data are written by a DataTransferStep"),
    TOO_LONG: (StorageError, "raise query_timeout, or make the query quicker"),
    AWAY: (StorageError, "is the server up, and can this machine reach it?"),
    FULL: (StorageError, "the database has no space left"),
    WRONG: (UserError, "correct the statement or the data; both reach the database as they are"),
}


def _original(error: BaseException) -> BaseException:
    """Return what the library raised, below what SQLAlchemy made of it."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and isinstance(error.orig, BaseException):
        return error.orig
    return error


def _told(error: BaseException) -> Told:
    if isinstance(error, OSError):
        return Told(AWAY, str(error))
    first = error.args[0] if error.args else ""
    if isinstance(first, Mapping):
        return _of_postgresql(first)
    if isinstance(first, int) and len(error.args) > 1:
        return _of_mysql(first, str(error.args[1]))
    if isinstance(first, str) and len(first) == 5 and len(error.args) > 1:
        return _of_odbc(first, str(error.args[1]))
    names = {kind.__name__ for kind in type(error).__mro__}
    if "InterfaceError" in names:
        return Told(AWAY, str(error))
    return Told(WRONG, str(error))


def _of_postgresql(told: Mapping[str, Any]) -> Told:
    text = str(told.get("M", ""))
    text += "".join(f"; {told[part]}" for part in ("D", "H") if told.get(part))
    position = str(told.get("P", ""))
    code = str(told.get("C", ""))
    return Told(_by_beginning(_SQLSTATES, code), f"{text} [{code}]", int(position) if position.isdigit() else None)


def _of_mysql(code: int, text: str) -> Told:
    meaning = _MYSQL.get(code, WRONG)
    if code == 2013 and "timed out" in text:
        meaning = TOO_LONG
    return Told(meaning, f"{text} [{code}]")


def _of_odbc(state: str, text: str) -> Told:
    native = _NATIVE.search(text)
    known = _SQL_SERVER.get(int(native[1])) if native else None
    return Told(known or _by_beginning(_ODBC_STATES, state), f"{_ODBC_NOISE.sub('', text)} [{state}]")


def _by_beginning(meanings: Mapping[str, str], code: str) -> str:
    fitting = [start for start in meanings if code.startswith(start)]
    return meanings[max(fitting, key=len)] if fitting else WRONG


def _line_and_column(statement: str, position: int) -> str:
    before = statement[: position - 1]
    return f"line {before.count(chr(10)) + 1}, column {position - before.rfind(chr(10)) - 1}"
