"""Reads datasets in every way, and writes outputs."""

import argparse
import importlib.util
import os

from azureml.core import Dataset, Run
from azureml.data import FileDataset, TabularDataset
from azureml.exceptions import UserErrorException

parser = argparse.ArgumentParser()
parser.add_argument("--mounted")
parser.add_argument("--downloaded")
parser.add_argument("--folder")
parser.add_argument("--table")
args = parser.parse_args()

run = Run.get_context()
flowers = run.input_datasets["flowers"]
assert isinstance(flowers, TabularDataset) and flowers.name == "flowers", flowers
for path in (args.mounted, args.downloaded, run.input_datasets["mounted"], os.environ["downloaded"]):
    with open(os.path.join(path, "one.txt"), encoding="utf-8") as stream:
        assert stream.read() == "a picture", path
assert sorted(run.input_datasets) == ["downloaded", "flowers", "mounted"], list(run.input_datasets)
try:
    run.input_datasets["nothing"]
except KeyError:
    pass
else:
    raise AssertionError("an input that the step does not have")

named = Dataset.get_by_name(run.experiment.workspace, "flowers")
pictures = Dataset.get_by_name(run.experiment.workspace, "pictures", version="latest")
assert isinstance(pictures, FileDataset) and pictures.to_path() == ["/one.txt", "/two.txt"], pictures.to_path()
copies = pictures.download("copies", overwrite=True)
assert sorted(map(os.path.basename, copies)) == ["one.txt", "two.txt"]
if importlib.util.find_spec("pandas"):
    assert list(flowers.to_pandas_dataframe()["petals"]) == [5, 6]
    assert list(named.take(1).to_pandas_dataframe()["name"]) == ["rose"]
    large = flowers.filter(flowers["petals"] > 5).keep_columns("petals")
    assert list(large.to_pandas_dataframe()["petals"]) == [6]
    assert len(large.to_csv_files().download("large")) == 1
else:
    try:
        named.to_pandas_dataframe()
    except UserErrorException as error:
        assert "pandas" in str(error), error
    else:
        raise AssertionError("a table without pandas")

os.makedirs(args.folder, exist_ok=True)
assert os.environ["AZUREML_DATAREFERENCE_folder"] == args.folder
assert run.output_datasets["table"] == args.table == os.environ["table"]
with open(os.path.join(args.folder, "count.txt"), "w", encoding="utf-8") as stream:
    stream.write("2")
with open(os.path.join(args.table, "part.csv"), "w", encoding="utf-8") as stream:
    stream.write("a,b\n1,2\n")
