#!/usr/bin/env bash
# Makes the image that grades @exercise. Gradescope runs it once, as root, when the zip is uploaded: what it prints is the
# build's output there. It needs a base image with Python 3.10 to 3.13: Ubuntu 22.04 or later.
set -euo pipefail

source=${AUTOGRADER_SOURCE:-/autograder/source}
place=/opt/autograder
export DEBIAN_FRONTEND=noninteractive XDG_CACHE_HOME=$place/cache

apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-venv libseccomp2 >/dev/null
# One more layer of confinement, where the container lets it work
apt-get install -y -qq --no-install-recommends bubblewrap >/dev/null || echo "bubblewrap cannot be had here: without it"
rm -rf /var/lib/apt/lists/*

python3 - <<'PYTHON'
import sys

if not (3, 10) <= sys.version_info < (3, 14):
    sys.exit("Python 3.10 to 3.13 is needed, this is %s: choose the base image Ubuntu 22.04 or later" % sys.version.split()[0])
PYTHON

python3 -m venv "$place"
"$place/bin/python" -m pip install --quiet --no-cache-dir @index --constraint "$source/constraints.txt" \
    "$source/@wheel[@extras]"

# Of this package students' code needs a few folders. The rest holds answers, also where the kernel has no Landlock.
"$place/bin/python" - <<'PYTHON'
from autograder.sandbox.paths import OURS, PACKAGE

for path in PACKAGE.iterdir():
    if path.name not in OURS:
        path.chmod(0o700)
PYTHON
chmod -R go= "$source"

data="@data"
if [ -n "$data" ]; then
    "$place/bin/autograder" data "$data" --prepare
    chmod -R go=rX "$XDG_CACHE_HOME"
    find "$XDG_CACHE_HOME" -name "held_out*" -exec chmod go= {} +
fi

"$place/bin/autograder" --version
echo "ready to grade @exercise"
