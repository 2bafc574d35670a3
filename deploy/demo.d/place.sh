# Where the demo lives, what it starts, and how that ends. Sourced by deploy/demo.
# shellcheck shell=bash

# run: data of this demo. pg: PostgreSQL's folder, short enough for a socket path.
find_place() {
	if [ "$mode" = --check ]; then
		run=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX")
		export PRACTICUM_KEYS=$run/keys
	else
		run=$top/.run
		mkdir -p "$run"
	fi
	chmod 0711 "$run"
	if [ -f "$run/where" ]; then
		pg=$(cat "$run/where")
	else
		pg=$run/pg
		# A checkout below a 0700 home or with a long path cannot hold the socket.
		if [ ${#pg} -gt 90 ] || ! reachable_by_postgres; then
			pg=$(mktemp -d "${TMPDIR:-/tmp}/prac.XXXXXX")
		fi
		echo "$pg" >"$run/where"
	fi
	log=$run/log
	mkdir -p "$log"
}

reachable_by_postgres() {
	[ "$(id -u)" -ne 0 ] ||
		(cd / && setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$run") 2>/dev/null
}

take_lock() {
	exec 8>"$run/lock"
	if ! flock -n 8; then
		echo "deploy/demo: a demo is already running in $run; deploy/demo --stop ends it" >&2
		[ ! -f "$run/try" ] || cat "$run/try"
		exit 1
	fi
	echo $$ >"$run/pid"
}

stop_running() {
	local pid
	pid=$(cat "$run/pid" 2>/dev/null || true)
	if [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; then
		for _ in $(seq 300); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
	fi
	deploy/private-postgres stop "$pg" || true
}

remove_place() {
	rm -rf "$pg" "$run"
}

build_programs() {
	deploy/install-packages
	local begin=$SECONDS
	mkdir -p build
	[ -x build/release/practicumd ] || echo "Building the programs: minutes, once (build/release.log tells how far)."
	if ! cmake --preset release >build/release.log 2>&1 ||
		! cmake --build --preset release --parallel "$(nproc)" \
			--target practicumd practicum >>build/release.log 2>&1; then
		tail -n 20 build/release.log >&2
		give_up "the programs do not build; the whole log is build/release.log"
	fi
	[ $((SECONDS - begin)) -lt 3 ] || echo "Built the programs in $((SECONDS - begin)) s."
	PATH=$top/build/release:$PATH
}

start_postgres() {
	conninfo=$(deploy/private-postgres start "$pg") || give_up "PostgreSQL did not start"
	admin=$conninfo
	conninfo=${conninfo/dbname=postgres/dbname=practicum}
}

# Two free ports; the kernel hands them out, so that a second demo gets others.
free_ports() {
	python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])'
}

start_server() {
	if [ ! -f "$run/practicumd.conf" ]; then
		read -r port enroll_port < <(free_ports)
		cat >"$run/practicumd.conf" <<CONF
[listen]
address = 127.0.0.1
port = $port
enroll_port = $enroll_port
names = localhost
[server]
state_dir = $run/server
[signer]
state_dir = $run/signer
socket = $pg/signer.socket
[db]
conninfo = ${conninfo/user=practicum/user=practicum_server}
CONF
		mkdir -p -m 0700 "$run/server"
		# As a database administrator does it.
		PD setup --print-sql | psql "$admin" -Xqv ON_ERROR_STOP=1 >"$log/database.log" 2>&1 ||
			give_up "no database could be made: $(tail -n 1 "$log/database.log")"
		PD setup >"$log/setup.log" 2>&1 || give_up "practicumd setup failed: $(tail -n 1 "$log/setup.log")"
	fi
	enroll_port=$(sed -n 's/^enroll_port = //p' "$run/practicumd.conf")
	PD check-config >"$log/check-config.log" 2>&1 || give_up "$(tail -n 1 "$log/check-config.log")"
	run_server
}

run_server() {
	practicumd signer --config "$run/practicumd.conf" >>"$log/signer.log" 2>&1 8>&- &
	signer=$!
	practicumd serve --config "$run/practicumd.conf" >>"$log/server.log" 2>&1 8>&- &
	server=$!
	for _ in $(seq 100); do
		PD status >/dev/null 2>&1 && return
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	give_up "the server did not start: $(tail -n 1 "$log/server.log")"
}

stop_server() {
	[ -n "${server-}" ] || return 0
	kill -TERM "$server" "$signer" 2>/dev/null || true
	wait "$server" "$signer" 2>/dev/null || true
	server=
}

finish() {
	local code=$?
	trap - EXIT INT TERM
	for pid in ${watchers-}; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	stop_server
	deploy/private-postgres stop "$pg" || true
	rm -f "$run/pid"
	if [ "$mode" = --check ] && [ "$code" -eq 0 ]; then
		remove_place
	elif [ "$mode" = --check ]; then
		echo "demo: the folders $run and $pg are kept for a look; remove them when done" >&2
	fi
	exit "$code"
}

# The programs as the people of the story run them. Each office has a state folder of its own.
PD() { practicumd "$1" --config "$run/practicumd.conf" "${@:2}"; }
DISTRICT() { PRACTICUM_HOME=$run/district practicum "$@"; }
HIGH() { PRACTICUM_HOME=$run/high practicum "$@"; }
CENTER() { PRACTICUM_HOME=$run/center practicum "$@"; }
