#!/bin/sh
# Installs potr and the cryptographic library it gets into a virtual environment beside this file.
set -eu
cd "$(dirname "$0")"
python3 -c 'import ensurepip' 2>/dev/null || apt-get install -y python3-venv
python3 -m venv venv
# Without dependencies: potr asks for PyCrypto, which no longer builds; PyCryptodome takes its place.
venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
