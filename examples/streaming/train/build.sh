#!/bin/sh
# Trains and writes all models, manifests, golden cases and example data into a folder laid out like this repository.
#
# usage: examples/streaming/train/build.sh FOLDER
#
# About a minute on two cores. Needs a Python with numpy, scipy, scikit-learn and onnx (PYTHON=..., else Debian 13's) and
# Debian 13's package lists for the data (APT_CONFIG=... where the machine's own are of another release).
set -eu

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
train=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
export OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 # one thread: sums in the same order every time

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -c 'import onnx, scipy, sklearn' 2>/dev/null ||
  apt-get install -y --no-install-recommends python3-onnx python3-scipy python3-sklearn

echo "downloading data"
(cd "$work" && apt-get download -q -o APT::Sandbox::User=root $("$python" "$train/datasets.py"))
for archive in "$work"/*.deb; do dpkg-deb -x "$archive" "$work/data"; done

echo "training"
"$python" "$train/build.py" "$work/data" "$folder"
echo "written to $folder; golden cases are run by Presage when it loads the versions"
