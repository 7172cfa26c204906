#!/bin/sh
# Print the first Python 3.11 to 3.13 on this machine that can make a virtual environment.
# PYTHON=... names one to take instead. On a bare Debian or Ubuntu, as root, python3-venv is installed.
set -eu

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

without_venv=
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    fits "$python" || continue
    if has_venv "$python"; then
        echo "$python"
        exit 0
    fi
    without_venv="${without_venv:-$python}"
done

if [ -z "$without_venv" ]; then
    echo "Seavigil needs Python 3.11, 3.12 or 3.13; none found${PYTHON:+ as PYTHON=$PYTHON}." >&2
    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or pass PYTHON=/path/to/python3.12." >&2
    exit 1
fi

version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$(dirname "$0")/debian.sh" "python$version-venv" >&2
if has_venv "$without_venv"; then
    echo "$without_venv"
    exit 0
fi
echo "$without_venv (Python $version) cannot make virtual environments." >&2
echo "Run: apt-get install python$version-venv   (as root), then make again." >&2
exit 1
