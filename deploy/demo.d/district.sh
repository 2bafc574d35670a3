# The district before the day begins: people, schools, partners. Sourced by deploy/demo.
# shellcheck shell=bash

make_district() {
	heading "A sample district the size of Oak Ridge"
	tests/data/make-district --size S --seed 1 --out "$run/data" >"$log/make-district.log" 2>&1 ||
		give_up "$(tail -n 1 "$log/make-district.log")"
	say "roster, partners and a year of hours are in $run/data"
}

enroll() { # OFFICE OPTION...: a code typed once makes a device
	local office=$1 code
	shift
	code=$(PD enroll-code "$@" --json | json 'it["code"]') || give_up "no enrollment code"
	check "$office enrolls with a one-time code" "$office" enroll --server "localhost:$enroll_port" --code "$code"
	refused "the same code does not work twice" "code" env PRACTICUM_HOME="$run/thief" practicum \
		enroll --server "localhost:$enroll_port" --code "$code"
}

open_offices() {
	heading "The district office enrolls"
	enroll DISTRICT --district --label "District office"
	check "the district office syncs" DISTRICT sync
}

import_roster() {
	heading "The roster is imported"
	check "a preview changes nothing" DISTRICT import oneroster "$run/data/roster.zip" --preview
	same "  no student is stored yet" 0 "$(count DISTRICT student)"
	check "the roster is imported in one go" DISTRICT import oneroster "$run/data/roster.zip"
	for pair in program_of_study:programs organization:organizations site:sites \
		supervisor:supervisors; do
		check "${pair#*:} are imported" DISTRICT import "${pair%:*}" "$run/data/${pair#*:}.csv"
	done
	check "all of it reaches the server" DISTRICT sync
	same "  nothing waits any more" 0 "$(DISTRICT status --json | json 'it["unsent"] + it["drafts"]')"
	students=$(count DISTRICT student)
	say "$students students, $(count DISTRICT school) schools, $(count DISTRICT organization) partners"
}

open_schools() {
	heading "A high school and a career center enroll and load their part"
	local schools
	schools=$(DISTRICT list school --json)
	high_id=$(json '[s["id"] for s in it if s.get("kind") != "center"][0]' <<<"$schools")
	center_id=$(json '[s["id"] for s in it if s.get("kind") == "center"][0]' <<<"$schools")
	echo "$high_id $center_id" >"$run/schools"
	enroll HIGH --school "$high_id" --label "High school, WBL office"
	enroll CENTER --school "$center_id" --label "Career center"
	check "the high school loads its records" HIGH sync
	check "the career center loads its records" CENTER sync
	open_desk HIGH a.ray "A. Ray" "$high_id"
	open_desk CENTER b.stone "B. Stone" "$center_id"
	same "  the high school has its students and no others" \
		"$(DISTRICT list student "school_id=$high_id" --json | json 'len(it)')" "$(count HIGH student)"
	check "  the career center has only those who attend it" \
		test "$(count CENTER student)" -lt "$(count HIGH student)"
}
