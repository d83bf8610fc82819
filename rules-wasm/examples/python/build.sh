#!/bin/sh
# Builds example-python.wasm; see README.md.
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path ../../wit --world pack componentize --stub-wasi app --output example-python.wasm
