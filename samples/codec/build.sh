#!/bin/sh
# Builds the component. Debian: apt-get install clang-19 lld-19.
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-19}
to=${1:-.}
"$clang" --target=wasm32 -std=c11 -Oz -s -mbulk-memory -ffreestanding -nostdlib -Wall -Wextra -Werror \
  -Wl,--no-entry -Wl,--export=tars_control -Wl,-z,stack-size=16384 -o "$to/codec.wasm" codec.c
