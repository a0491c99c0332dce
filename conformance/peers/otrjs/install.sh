#!/bin/sh
# Installs otr.js beside this file.
set -eu
cd "$(dirname "$0")"
command -v npm >/dev/null || apt-get install -y nodejs npm
# Without its optional dependency, web workers for Node, which is not used and no longer builds.
npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error
