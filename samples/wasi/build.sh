#!/bin/sh
# Builds the samples. Debian: apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32; npm for AssemblyScript.
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-19}
to=${1:-.}
for source in wordcount probe; do
  "$clang" --target=wasm32-wasi -Oz -s -Wall -Wextra -Werror -o "$to/$source.wasm" "$source.c"
done
