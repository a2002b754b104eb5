#!/bin/sh
# Makes the virtual environment $1 with the first Python 3.11 or later that is found, and prints nothing if it
# exists. With root on Debian or Ubuntu, missing system packages are installed; elsewhere they are named.
set -eu

venv=$1

as_debian_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

install_packages() {
    echo "installing system packages: $*"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

can_make_venvs() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

if ! command -v git >/dev/null 2>&1; then
    if as_debian_root; then
        install_packages git ca-certificates
    else
        echo "note: git is not installed; runs will not record the commit of their source folders" >&2
    fi
fi

[ -x "$venv/bin/python" ] && exit 0

python=$(find_python)
if [ -z "$python" ] && as_debian_root; then
    install_packages python3 python3-venv
    python=$(find_python)
fi
if [ -z "$python" ]; then
    echo "azud needs Python 3.11 or later, and none is on the PATH" >&2
    echo "  hint: install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 2
fi
if ! can_make_venvs "$python" && as_debian_root; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_packages "python$version-venv"
fi
if ! can_make_venvs "$python"; then
    echo "$python cannot make virtual environments (its ensurepip is missing)" >&2
    echo "  hint: install the package python3-venv of your system" >&2
    exit 2
fi

echo "making $venv with $("$python" --version)"
"$python" -m venv "$venv"
