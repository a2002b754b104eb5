"""Databases as people use them: registered, queried, read in steps; the password is found nowhere."""

from __future__ import annotations

import datetime
import os
import pathlib
import subprocess

import pandas
import pytest
from tests.acceptance.authoring import Authoring
from tests.acceptance.databases import QUERY, execute, owner, registered

from azureml.core import Dataset, Datastore
from azureml.data.azure_my_sql_datastore import AzureMySqlDatastore
from azureml.data.azure_postgre_sql_datastore import AzurePostgreSqlDatastore
from azureml.data.dataset_factory import DataType
from azureml.exceptions import UserErrorException


def test_a_database_is_registered_and_queried(authoring: Authoring, kind: str, server) -> None:
    made = registered(authoring, kind, server)
    found = Datastore.get(authoring.ws, "sales")
    for store in (made, found):
        assert isinstance(store, {"postgre_sql": AzurePostgreSqlDatastore, "my_sql": AzureMySqlDatastore}[kind])
        assert (store.database_name, store.user_id, store.port_number) == (server.database, server.user, server.port)
        assert store.user_password is None and server.password not in repr(vars(store))
    frame = Dataset.Tabular.from_sql_query((found, QUERY)).to_pandas_dataframe()
    assert list(frame.columns) == ["id", "price", "note", "day", "paid"]
    assert frame["id"].tolist() == [1, 2, 3] and str(frame["id"].dtype) == "int64"
    assert frame["price"].tolist()[:2] == [12.5, 0.1] and pandas.isna(frame["price"][2])
    assert frame["note"].tolist()[:2] == ["", 'a,"b"\n\\N'] and pandas.isna(frame["note"][2])
    assert frame["day"][0] == datetime.datetime(2024, 2, 29) and pandas.isna(frame["day"][2])
    assert [bool(value) for value in frame["paid"][:2]] == [True, False] and pandas.isna(frame["paid"][2])


def test_types_are_set_and_columns_chosen(authoring: Authoring, kind: str, server) -> None:
    store = registered(authoring, kind, server)
    types = {"price": DataType.to_string(), "id": DataType.to_float(), "day": DataType.to_string()}
    table = Dataset.Tabular.from_sql_query((store, QUERY), set_column_types=types, query_timeout=5)
    frame = table.keep_columns(["price", "id", "day"]).take(2).to_pandas_dataframe()
    assert frame["price"].tolist() == ["12.5000", "0.1000"] and frame["day"].tolist() == ["2024-02-29", "1999-12-31"]
    assert frame["id"].tolist() == [1.0, 2.0] and str(frame["id"].dtype) == "float64"


def test_numbers_that_no_float_holds_stay_exact(authoring: Authoring, kind: str, server) -> None:
    store = registered(authoring, kind, server)
    whole = "SELECT 9007199254740993 AS a UNION ALL SELECT NULL"
    frame = Dataset.Tabular.from_sql_query((store, whole)).to_pandas_dataframe()
    assert 9007199254740993 in frame["a"].tolist()
    exact = "SELECT CAST('12345678901234567890.123456789' AS DECIMAL(40, 9)) AS a"
    frame = Dataset.Tabular.from_sql_query((store, exact)).to_pandas_dataframe()
    assert str(frame["a"][0]) == "12345678901234567890.123456789"
    average = "SELECT CAST('12.3333333333333333' AS DECIMAL(30, 16)) AS a"
    frame = Dataset.Tabular.from_sql_query((store, average)).to_pandas_dataframe()
    assert str(frame["a"].dtype) == "float64" and frame["a"][0] == 12.333333333333334


def test_what_does_not_open_is_notregistered(authoring: Authoring, kind: str, server) -> None:
    with pytest.raises(UserErrorException, match="sales") as caught:
        registered(authoring, kind, server, password="c4n4ry-wrong")
    assert "c4n4ry" not in str(caught.value)
    with pytest.raises(UserErrorException, match="no_such_db"):
        registered(authoring, kind, server, database_name="no_such_db")
    with pytest.raises(UserErrorException, match="Could not find datastore sales"):
        Datastore.get(authoring.ws, "sales")
    store = registered(authoring, kind, server, password="c4n4ry-wrong", skip_validation=True)
    with pytest.raises(UserErrorException, match="sales"):
        Dataset.Tabular.from_sql_query((store, QUERY))


def test_a_bad_query_is_told_when_the_dataset_is_made_or_read(authoring: Authoring, kind: str, server) -> None:
    store = registered(authoring, kind, server)
    with pytest.raises(UserErrorException, match="no_such_table"):
        Dataset.Tabular.from_sql_query((store, "SELECT * FROM no_such_table"))
    table = Dataset.Tabular.from_sql_query((store, "SELECT * FROM no_such_table"), validate=False)
    with pytest.raises(UserErrorException, match="no_such_table"):
        table.to_pandas_dataframe()
    for query, timeout in (("", 30), (None, 30), ("SELECT 1", 0), ("SELECT 1", "x")):
        with pytest.raises(UserErrorException):
            Dataset.Tabular.from_sql_query((store, query), query_timeout=timeout)
    with pytest.raises(UserErrorException, match="no database"):
        Dataset.Tabular.from_sql_query((authoring.ws.get_default_datastore(), "SELECT 1"))


def test_a_step_reads_a_query_each_time(authoring: Authoring, kind: str, server) -> None:
    table = Dataset.Tabular.from_sql_query((registered(authoring, kind, server), QUERY))
    code = (
        "from azureml.core import Run\n"
        "run = Run.get_context()\n"
        "frame = run.input_datasets['orders'].to_pandas_dataframe()\n"
        "run.log('rows', len(frame))\n"
        "run.log('total', float(frame['price'].sum()))\n"
    )
    table = table.register(authoring.ws, "orders")
    for more in (0, 1):
        step = authoring.step("read", code, inputs=[table.as_named_input("orders")])
        run = authoring.run(step)
        (done,) = run.get_steps()
        assert done.get_status() == "Finished"
        assert done.get_metrics() == {"rows": 3 + more, "total": 12.6 + more}
        told = authoring.live.client.get(f"/runs/{done.id}/reuse")
        assert told["outcome"] != "reused" and "what a query gives" in told["reason"], told
        execute(owner(kind, server), "INSERT INTO orders VALUES (4, 1.0, 'x', NULL, NULL)")


def test_a_step_that_reads_a_query_without_declaring_it_is_not_reused(authoring: Authoring, kind: str, server) -> None:
    registered(authoring, kind, server)
    code = (
        "from azureml.core import Dataset, Run\n"
        "run = Run.get_context()\n"
        "store = run.experiment.workspace.datastores['sales']\n"
        f"run.log('rows', len(Dataset.Tabular.from_sql_query((store, '{QUERY}')).to_pandas_dataframe()))\n"
    )
    step = authoring.step("read", code)
    for rows in (3, 4):
        (done,) = authoring.run(step).get_steps()
        assert done.get_metrics() == {"rows": rows}
        execute(owner(kind, server), "INSERT INTO orders VALUES (4, 1.0, 'x', NULL, NULL)")


def test_the_password_is_nowhere(authoring: Authoring, kind: str, server) -> None:
    store = registered(authoring, kind, server)
    table = Dataset.Tabular.from_sql_query((store, QUERY))
    code = (
        "import os\n"
        "from azureml.core import Run\n"
        "run = Run.get_context()\n"
        "run.input_datasets['orders'].to_pandas_dataframe()\n"
        "print(dict(os.environ), open('/proc/self/cmdline').read(), run.experiment.workspace.datastores)\n"
    )
    authoring.run(authoring.step("read", code, inputs=[table.as_named_input("orders")]))
    with pytest.raises(UserErrorException):
        Dataset.Tabular.from_sql_query((store, "SELEC"))
    client = authoring.live.client
    answers = [client.get(path) for path in ("/datastores", "/datastores/sales", "/runs")]
    assert server.password not in repr(answers)
    processes = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    assert server.password not in processes
    for folder, _, names in os.walk(authoring.live.folder):
        for name in names:
            path = pathlib.Path(folder, name)
            assert server.password.encode() not in path.read_bytes(), path
