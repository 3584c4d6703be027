#!/usr/bin/env bash
# Lock the libraries with their hashes and without any address that they came from.
set -euo pipefail
cd "$(dirname "$0")/../requirements"

[ $# -gt 0 ] || set -- --upgrade
lock() {
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$@"
}
lock "$@" run.in --output-file run.txt
lock "$@" dev.in --constraint run.txt --output-file dev.txt
lock "$@" spark.in --constraint dev.txt --output-file spark.txt
