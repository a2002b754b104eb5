"""How the script is started: arguments, folder, environment, signals, processes of its own."""

import multiprocessing
import os
import signal
import subprocess
import sys

from azureml.core import Run
from helpers import square


def main():
    """Look."""
    assert sys.argv[1:] == ["--text", "a b", "ü", "--number", "3", "--rate", "0.25"], sys.argv
    assert __name__ == "__main__"
    folder = os.path.dirname(os.path.abspath(__file__))
    assert os.path.samefile(os.getcwd(), folder) and os.path.samefile(sys.path[0] or ".", folder), sys.path
    assert "{}.{}".format(*sys.version_info) == os.environ["EXPECTED_VERSION"], sys.version
    assert os.environ["AML_PARAMETER_depth"] == "4"
    for name in ("AZUREML_RUN_ID", "AZUREML_ROOT_RUN_ID", "AZUREML_ARM_WORKSPACE_NAME", "AZUREML_ARM_PROJECT_NAME"):
        assert os.environ[name], name
    assert "SET_WHERE_IT_WAS_SUBMITTED" not in os.environ

    caught = []
    signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    assert caught == [signal.SIGUSR1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.map(square, [2, 3]) == [4, 9], method
    said = subprocess.run([sys.executable, "-c", "print('hello')"], stdout=subprocess.PIPE, check=True).stdout
    assert said == b"hello\n"
    Run.get_context().log("looked", 1)
    print("wörds on stdout")
    print("words on stderr", file=sys.stderr)


if __name__ == "__main__":
    main()
