#!/bin/sh
# Installs the servers that the tests start (each as a process of its own; none is left running). With root on Debian or
# Ubuntu, missing packages are installed; elsewhere one line says which tests will be skipped. Never fails.
set -u

PATH=$PATH:/usr/sbin:/usr/local/sbin

has_postgresql() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_libfuse() {
    ldconfig -p 2>/dev/null | grep -q 'libfuse3\{0,1\}\.so\.[0-9]'
}

missing=
has_postgresql || missing="$missing postgresql"
command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v sshd >/dev/null 2>&1 || missing="$missing openssh-server"
command -v fusermount3 >/dev/null 2>&1 || missing="$missing fuse3"
has_libfuse || missing="$missing libfuse2"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing system packages for tests:$missing"
    # A container's policy-rc.d says the same: packages start no services here, the tests start their own.
    blocker=/usr/sbin/policy-rc.d
    if [ ! -e "$blocker" ]; then
        trap 'rm -f "$blocker"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$blocker" && chmod +x "$blocker"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # One by one, since a distribution may lack one of them (libfuse2 is called libfuse2t64 in newer ones).
    for package in $missing; do
        apt-get -qq install -y --no-install-recommends "$package" >/dev/null ||
            { [ "$package" = libfuse2 ] &&
                apt-get -qq install -y --no-install-recommends libfuse2t64 >/dev/null; } ||
            echo "note: $package could not be installed; the tests that need it will be skipped" >&2
    done
else
    echo "note: the tests that need these will be skipped, for they are not installed:$missing" >&2
fi
exit 0
