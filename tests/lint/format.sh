#!/usr/bin/env bash
# Every C file is as .clang-format writes it. Mend with: clang-format -i FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/lint/files '*.c' '*.h' | xargs -r -n 20 -P 2 clang-format --dry-run -Werror
