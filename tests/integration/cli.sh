#!/usr/bin/env bash
# usage: PRAC_PG=FOLDER PRAC_PRACTICUM=PROGRAM PRAC_PRACTICUMD=PROGRAM tests/integration/cli.sh
#
# The commands of practicum as people and programs see them: what they print, where, and how they
# exit, first with no server at all, then against the real one. Speaks TAP.
set -uo pipefail
work=$(mktemp -d)
n=0
failed=0
server_pid=
signer_pid=
watch_pid=
export PRACTICUM_KEYS=$work/keys
port=$((20000 + RANDOM % 20000))

finish() {
	[ -z "$watch_pid" ] || kill "$watch_pid" 2>/dev/null
	[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
	[ -z "$signer_pid" ] || kill "$signer_pid" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

# at DEVICE COMMAND...: practicum with that device's folder; out, err and code are what came of it.
at() {
	local device=$1
	shift
	out=$(PRACTICUM_HOME=$work/$device timeout 60 "$PRAC_PRACTICUM" "$@" 2>"$work/err")
	code=$?
	err=$(cat "$work/err")
}

# is TITLE CONDITION...: one case.
is() {
	local title=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $title"
	else
		echo "not ok $n - $title"
		printf '# code=%s\n# out=%s\n# err=%s\n' "$code" "$out" "$err" | head -20 >&2
		failed=1
	fi
}
says() { [[ $out == *"$1"* ]]; }
complains() { [[ $err == *"$1"* ]]; }
exits() { [ "$code" -eq "$1" ]; }
both() { exits "$1" && complains "$2"; }
is_json() { python3 -c 'import json,sys; json.load(sys.stdin)' <<<"$out" 2>/dev/null; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)'"$1"')' <<<"$out"; }
has_file_rights() { [ "$(stat -c %a "$work/$1")" = "$2" ]; }

# ---- nothing is there

at new types --json
is types_need_no_replica is_json
at new describe student
is describe_needs_no_replica says identifier
at new report list --json
is the_list_of_reports_needs_no_server is_json
for command in enroll sync status list show add set 'do' history conflicts drafts import export \
	types describe report; do
	at new "$command" --help
	is "the_help_of_${command}_ends_with_an_example" says "example:
  practicum $command"
done
at new status
is without_enrollment_a_command_exits_78 both 78 "practicum enroll"
at new nonsense
is an_unknown_command_exits_64 both 64 "practicum --help"
at new lsit
is a_mistyped_command_is_told_the_near_one both 64 "did you mean list?"
at new list student --jsn
is a_mistyped_option_is_told_the_near_one both 64 "did you mean --json?"
at new describe placment
is a_mistyped_type_is_told_the_near_one both 1 "did you mean placement?"
at new help list
is help_of_a_command_is_its_own says "practicum list insurance state=expired"
at new describe time_sheet
is the_capacity_of_a_signature_is_not_that_of_a_room says "As what the signer signs"
at new describe placement
is describe_names_every_choice says "completed, canceled, terminated"
is describe_fits_a_terminal [ "$(wc -L <<<"$out")" -le 80 ]
at new types student
is types_passes_over_no_word both 64 "practicum describe student"
at new report particpation
is a_mistyped_report_is_told_the_near_one both 1 "did you mean participation?"
at new hours check --rules us-tn --birth-date 2011-05-20 --calendar "$work/none.csv" --entries "$work/none.csv"
is a_file_that_is_not_there_is_called_that both 1 "there is no such file"
at new -h
is an_overview_says_what_each_command_does says "Sends what was entered here and gets what is new."
at new import --help
is help_fits_a_terminal [ "$(sed -n '/^example/q;p' <<<"$out" | wc -L)" -le 80 ]
at new add
is too_few_words_exit_64 both 64 usage
at new enroll --server "localhost:$port" --code 1234
is a_code_that_cannot_be_one_exits_64 both 64 "24 letters and digits"

# ---- a server and three devices

server() { "$PRAC_PRACTICUMD" "$@" --config "$work/server.conf"; }
start_server() {
	"$PRAC_PRACTICUMD" serve --config "$work/server.conf" >>"$work/log" 2>&1 &
	server_pid=$!
	for _ in $(seq 100); do
		sleep 0.1
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
	done
}
stop_server() {
	kill "$server_pid"
	wait "$server_pid" 2>/dev/null
	server_pid=
}
code_for() { server enroll-code "$@" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["code"])'; }

database=prac_cli_$$
conninfo=$("$(dirname "$0")/../../deploy/private-postgres" start "$PRAC_PG")
psql -qX "$conninfo" -c "CREATE DATABASE $database" || exit 1
mkdir -m 700 "$work/state"
cat >"$work/server.conf" <<CONF
[listen]
address = 127.0.0.1
port = $port
enroll_port = $((port + 1))
names = localhost
[server]
state_dir = $work/state
drain_s = 1
[signer]
state_dir = $work/state
socket = $work/signer.socket
[db]
conninfo = ${conninfo/dbname=postgres/dbname=$database}
migrate_user = practicum
allow_unsafe = yes
CONF
server setup >"$work/setup" 2>&1 || { cat "$work/setup" >&2; exit 1; }
"$PRAC_PRACTICUMD" signer --config "$work/server.conf" >"$work/signer.log" 2>&1 &
signer_pid=$!
for _ in $(seq 100); do
	[ ! -S "$work/signer.socket" ] || break
	sleep 0.05
done
start_server

enroll() {
	local device=$1
	shift
	at "$device" enroll --server "localhost:$((port + 1))" --code "$(code_for "$@")" --disk-encrypted "${encrypted-unknown}"
}
at district enroll --server "localhost:$((port + 1))" --code "$(code_for --district)" --disk-encrypted maybe
is a_word_about_the_disk_is_one_of_three both 64 "want yes, no or unknown"
encrypted=yes enroll district --district --label "District office"
is a_code_enrolls_a_device says "District office"
is the_key_is_for_its_owner_only has_file_rights district/device.key 600
is the_replica_is_for_its_owner_only has_file_rights district/replica.db 600
at district enroll --server "localhost:$((port + 1))" --code "$(code_for --district)"
is a_folder_is_enrolled_once both 1 "already"
set_disks() { # a line of [server], or none
	local seen
	seen=$(grep -c config.reloaded "$work/log")
	sed -i -e '/^disks/d' -e "s/^\[server\]/&\n$1/" "$work/server.conf"
	kill -HUP "$server_pid"
	for _ in $(seq 100); do
		[ "$(grep -c config.reloaded "$work/log")" -le "$seen" ] || return
		sleep 0.05
	done
}
set_disks "disks = encrypted"
kept=$(code_for --district)
at closed enroll --server "localhost:$((port + 1))" --code "$kept" --disk-encrypted no
is a_district_that_wants_encrypted_disks_refuses_an_open_one both 1 "encrypt it (LUKS"
at closed enroll --server "localhost:$((port + 1))" --code "$kept" --disk-encrypted unknown
is a_district_that_wants_encrypted_disks_refuses_one_nobody_knows both 1 "say --disk-encrypted yes"
at closed enroll --server "localhost:$((port + 1))" --code "$kept" --disk-encrypted yes
is who_was_refused_for_the_disk_keeps_the_code exits 0
set_disks ""
used=$(code_for --district)
at one enroll --server localhost:1 --code "$used"
is a_server_that_is_not_there_is_named both 69 "localhost:1; is that its name"
at one enroll --server "localhost:$((port + 1))" --code "$used"
at two enroll --server "localhost:$((port + 1))" --code "$used"
is a_code_works_once exits 1
at district sync
is a_first_sync_ends_with_0 exits 0
at district add school name="Oak Ridge High School" code=ORHS kind=high zone=America/Chicago
at district add school name="Career Center" code=CC kind=center zone=America/Chicago
at district add organization name="Volunteer Printing" kind=employer
at district sync
encrypted=no enroll a --school "Oak Ridge High School" --label "Oak Ridge"
is who_enrolls_on_an_open_disk_is_told complains "not known to be encrypted"
enroll b --school "Career Center" --label "Career Center"
out=$(server device list --json)
is the_server_knows_whose_disk_is_encrypted [ \
	"$(python3 -c 'import json,sys; all = json.load(sys.stdin); print(all[0]["disk"], *(d["disk"] for d in all if d["label"] in ("Oak Ridge", "Career Center")))' <<<"$out")" = "encrypted open unknown" ]
out=$(server status --json)
is an_epoch_is_one_text_for_people_and_programs [ \
	"$(field '["epoch"]')" = "$(server status | awk '$1 == "epoch" { print $2 }')" ]
at a sync --json
is sync_prints_json_for_programs is_json
at b sync

# ---- work

at a add student school_id=ORHS identifier=S100 given_name=Mia family_name=Lopez grade=11 --json
is an_added_record_says_its_id is_json
student=$(field '["id"]')
at a audit --json
is the_heads_of_the_audit_are_json is_json
at a list student
is a_new_record_is_marked_until_it_is_sent says waits
at a show student "${student:0:13}"
is an_id_may_be_cut_while_it_is_unique says Lopez
at a show student S100
is a_person_is_found_by_number says Lopez
at a show student Lopez
is a_person_is_found_by_name says Lopez
at a add student school_id=ORHS identifier=S101 given_name=Ann
is a_missing_value_is_named_and_exits_1 both 1 "amily name"
at a add student identifier=S101
is all_that_is_left_out_is_named_at_once complains "student lacks school_id (Home school), given_name (Given name), family_name (Family name)"
at a add student school_id=ORHS identifier=S101 given_name=Ann family_name=Hill grade=99
is a_refused_value_names_the_field_as_it_is_typed complains "grade (Grade): must be at most 13"
at a set student S100 shcool_id=CC
is a_mistyped_field_is_told_the_near_one both 1 "did you mean school_id?"
at a list student family_name=Lop
is a_list_without_matches_says_how_it_compares says "compared as a whole"
at a show student Nobody
is who_is_not_found_is_told_where_to_look both 1 "practicum list student"
at a add student school_id=CC identifier=S102 given_name=Ann family_name=Hill
is a_record_for_another_school_is_refused_at_once both 1 NOT_ALLOWED
at a set student S100 grade=99
is a_value_out_of_range_is_refused exits 1
at a set student S100 grade=11
is what_is_so_already_is_no_change says "nothing was stored"
at a sync
is what_was_added_is_sent says "in sync"
at district sync
at district list student --json
is the_district_sees_it says "$student"
at district add enrollment student_id=S100 school_id=CC kind=center starts_on=2026-08-11
at district sync
at b sync
at b show student S100
is a_shared_student_reaches_the_second_school says Lopez

# ---- cut off

stop_server
at a set student S100 phone="555 0100"
is work_goes_on_without_the_server exits 0
at a sync
is a_cut_off_sync_exits_69_and_keeps_the_work both 69 "1 change is kept"
at a show student S100
is own_work_is_shown_before_it_is_judged says "555 0100"
at b set student S100 phone="555 0200"
at a report list
is report_list_needs_no_connection exits 0
start_server
at a sync
is the_work_is_sent_when_the_server_is_back says "in sync"
at b sync
is a_rival_change_is_a_conflict says "1 conflict"
at b conflicts --json
is conflicts_are_json_for_programs is_json
conflict=$(field '[0]["id"]')
theirs=$(field '[0]["theirs_by"]["station"]')
values=$(field '[0]["fields"]')
is a_conflict_shows_both_values_field_by_field \
	test "${values%%"'theirs': '555 0100', 'mine': '555 0200'"*}" != "$values"
is a_conflict_says_which_station_came_second [ "$(field '[0]["mine_by"]["station"]')" = "this station" ]
is a_conflict_says_which_station_came_first [ "${theirs#station 0}" != "$theirs" ]
at b conflicts
is a_conflict_says_the_command_that_settles_it says "practicum conflicts resolve ${conflict:0:8}"
is a_conflict_says_when says "on  "
at b exceptions --json
is an_open_conflict_is_an_exception [ "$(field '[0]["cause"]')" = conflict_open ]
remedy=$(field '[0]["remedy"]')
is an_exception_says_the_command_that_settles_it [ "${remedy%% mine*}" != "$remedy" ]
at b exceptions
is exceptions_are_grouped_by_cause says '[conflict_open]'
at b exceptions snooze conflict_open "${conflict:0:18}" until=2099-01-01 reason=later
is nothing_is_put_off_for_years both 1 "at most 92 days"
at b exceptions snooze visit_missing "${conflict:0:18}" until="$(date -d '+3 days' +%F)" reason=later
is only_what_is_there_is_put_off both 1 "practicum exceptions"
at b exceptions snooze conflict_open "${conflict:0:18}" until="$(date -d '+3 days' +%F)" reason=later
is an_exception_is_put_off_with_a_reason exits 0
at b exceptions
is what_was_put_off_is_not_shown says "1 put off"
at b exceptions --all
is what_was_put_off_is_shown_when_asked_for says "later"
at b conflicts resolve "${conflict:0:18}" mine
is a_conflict_is_decided_by_a_person exits 0
at b sync
at a sync
at a show student S100
is the_decision_reaches_the_other_school says "555 0200"
at a conflicts --json
is no_conflict_is_left test "$out" = "[]"

# ---- a process that stays connected

PRACTICUM_HOME=$work/b "$PRAC_PRACTICUM" sync --watch >"$work/watch" 2>&1 &
watch_pid=$!
sleep 1
at a set student S100 email=mia@example.org
at a sync
sleep 1
at b show student S100
is a_watching_station_sees_a_change_at_once says mia@example.org
at b set student S100 email=lopez@example.org
sleep 1
at b status --json
is a_command_wakes_the_watching_process test "$(field '["unsent"]')" = 0
at a sync
at a show student S100
is what_it_sent_arrives says lopez@example.org
at b sync
is a_second_sync_leaves_the_link_to_the_first exits 0
at b sync --watch
is a_second_watch_is_told_of_the_first both 1 "syncs already"
kill "$watch_pid"
wait "$watch_pid"
code=$?
watch_pid=
is a_watching_process_ends_with_0 exits 0

# ---- a copied replica

cp -r "$work/a" "$work/copy"
at a set student S100 phone="555 0301"
at a sync
at copy set student S100 career_goal="Printer"
at copy sync
is a_copy_goes_on_under_a_new_incarnation exits 0
at district sync
at district show student S100
is nothing_of_the_copy_is_lost says Printer

# ---- a restored server

sql() { psql -qX "$conninfo" -c "$1"; }
at a sync
stop_server
sql "CREATE DATABASE ${database}_backup TEMPLATE $database"
start_server
at a add student school_id=ORHS identifier=S300 given_name=Lee family_name=Ward
at a set student S100 phone="555 0400"
at a sync
stop_server
sql "DROP DATABASE $database"
sql "ALTER DATABASE ${database}_backup RENAME TO $database"
server epoch new >>"$work/log" 2>&1
start_server
at district sync
at district show student S300
is a_backup_does_not_have_what_came_later exits 1
at a sync
is a_station_sends_again_what_the_server_lost exits 0
at district sync
at district show student S300
is the_lost_record_is_back says Ward
at district show student S100
is the_lost_change_is_back says "555 0400"
at a drafts --json
is nothing_was_refused_on_the_way test "$out" = "[]"

# ---- a school and its students in one sync

at district add school name="Valley High School" code=VHS kind=high zone=America/New_York
at district add student school_id=VHS identifier=S900 given_name=Ada family_name=Moment
PRACTICUM_HOME=$work/district timeout 60 "$PRAC_PRACTICUM" sync >>"$work/log" 2>&1 &
sync_pid=$!
n_looks=0
n_missing=0
while [ -n "$sync_pid" ]; do
	kill -0 "$sync_pid" 2>/dev/null || sync_pid=
	at district show student S900
	n_looks=$((n_looks + 1))
	exits 0 || n_missing=$((n_missing + 1))
done
is a_student_of_a_new_school_is_listed_at_every_moment test "$n_looks" -gt 1 -a "$n_missing" -eq 0
at district sync
at district show student S900 --json
is the_new_school_is_loaded_by_the_next_sync says Moment

# ---- files

at a export student
is an_export_is_csv_with_ids says "$student"
at a set student S100 career_goal="=1+2"
at a export student
is a_formula_is_disarmed_for_spreadsheets says "'=1+2"
at a export student --raw
is a_program_gets_the_cell_as_it_is says ",=1+2"
printf 'school_id,identifier,given_name,family_name\nORHS,S200,Bo,Chen\nORHS,S201,,Diaz\n' >"$work/in.csv"
at a import student "$work/in.csv"
is a_faulty_row_is_named_by_line_and_column both 1 "line 3"
at a show student S200
is an_import_is_all_or_nothing exits 1
at a import student "$work/in.csv" --preview
is a_preview_says_that_faulty_rows_hold_up_all says "1 row cannot be stored"
sed -i 's/S201,,/S201,Eve,/' "$work/in.csv"
at a import student "$work/in.csv" --preview
at a show student S200
is a_preview_stores_nothing exits 1
at a import student "$work/in.csv"
at a show student S201
is an_import_stores_every_row says Diaz
at a sync
is imported_rows_are_sent says "in sync"
at a export all --format json
is everything_is_exported_as_json is_json
at a export all --out "$work/all"
is where_everything_went_is_said complains "$work/all: "
at a login b.stone --password-file "$work/none"
is a_password_file_that_is_not_there_is_called_that both 64 "$work/none: No such file"

at a report participation --year 2027
is a_report_at_a_school_says_where_it_is_made both 1 "at the district office"
at district report nonsense
is an_unknown_report_is_refused exits 1
at district report participation --publish
is a_published_report_names_its_year both 64 "--year"
at district report participation --year 2027 --by school --publish
is what_is_published_says_how_to_verify_it complains "practicum report verify"
published=${err##*verify }
at a add student school_id=ORHS identifier=S300 given_name=Late family_name=Comer
at a sync
at district sync
at district report verify "$published"
is a_published_report_comes_out_equal_as_of_its_change says "equal: the 3 rows"
at district show report_run "$published" --json
is a_published_report_hides_counts_of_fewer_than_ten says "hide=10"
asked=$(field '["as_of"]')
zeros=$(printf '%064d' 0)
at district add report_run name=participation parameters="year=2027;by=school" as_of="$asked" \
	published_on=2026-11-01 definition_hash="$zeros" output_hash="$zeros" n_rows=1 \
	lines='school,grade;Nowhere,9' --json
false_run=$(field '["id"]')
at district report verify "$false_run"
is what_differs_is_named_line_by_line says "- Nowhere,9"
is a_difference_exits_1 both 1 "not what was published"
stop_server
at district report participation --year 2027
is a_report_without_the_server_exits_69 exits 69

psql -qX "$conninfo" -c "DROP DATABASE $database"
echo "1..$n"
exit $failed
