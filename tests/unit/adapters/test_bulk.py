"""Many rows at a time are stored as SQLAlchemy itself stores each of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from azud.adapters.stores.bulk import ManyRows, dumps

TABLE = sa.Table(
    "t",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String),
    sa.Column("body", sa.JSON),
    sa.Column("gone", sa.JSON(none_as_null=True)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=6,
)
VALUES = st.tuples(st.none() | st.text(st.characters(exclude_categories=["Cs"])), JSON, JSON)


def _stored(write):
    engine = sa.create_engine("sqlite://", json_serializer=dumps)
    with engine.begin() as connection:
        TABLE.create(connection)
        write(connection)
        return connection.exec_driver_sql("SELECT id, text, typeof(body), body, typeof(gone), gone FROM t").all()


@given(st.lists(VALUES, min_size=1, max_size=6), st.booleans())
def test_rows_are_stored_as_sqlalchemy_stores_them(values, is_shared):
    rows = [{"id": number, "text": text, "body": a, "gone": b} for number, (text, a, b) in enumerate(values)]
    if is_shared:  # the same objects in neighbouring rows
        rows = [{**rows[0], "id": number} for number in range(3)] + [{**row, "id": row["id"] + 3} for row in rows]
    ours = _stored(lambda connection: ManyRows(TABLE.insert()).run(connection, rows))
    assert ours == _stored(lambda connection: connection.execute(TABLE.insert(), rows))


def test_a_row_that_lacks_a_value_is_refused_and_no_rows_are_no_work():
    def write(connection):
        statement = ManyRows(TABLE.insert())
        statement.run(connection, [])
        with pytest.raises(KeyError, match="body"):
            statement.run(connection, [{"id": 1, "text": "", "gone": None}])

    assert _stored(write) == []
