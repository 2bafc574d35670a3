#!/usr/bin/env bash
# usage: headers.sh BUILD-FOLDER   every header compiles as the only line of a program.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
read -ra flags < <(pkg-config --cflags libuv openssl libsodium libpq sqlite3 glib-2.0 inih jansson \
	smartcols libsystemd libprotobuf-c cmocka)
export build
tests/lint/files '*.h' | grep -E '^(common|server|client|sql|tests)/' |
	xargs -r -P 2 -I '{}' sh -c '
		header=$1
		shift
		gcc -fsyntax-only -std=c11 -D_GNU_SOURCE -I. -I"$build/generated" -I"$build/generated/proto" \
			"$@" -include "$header" -x c /dev/null ||
			{ echo "$header:1: headers: does not compile alone"; exit 1; }
	' sh '{}' "${flags[@]}"
