# A day at two schools and the district office. Sourced by deploy/demo.
# shellcheck shell=bash

monday=2026-09-14
sunday=2026-09-13

# shared: a student of the high school who also attends the career center.
find_people() {
	read -r high_id center_id <"$run/schools"
	shared=$(CENTER list student "school_id=$high_id" --json | json 'it[0]["id"]')
	own=$(HIGH list student --json |
		json "[s['id'] for s in it if s['id'] not in set('''$(CENTER list student --json |
			json '" ".join(s["id"] for s in it)')'''.split())][0]")
	partner=$(HIGH list organization --json | json 'it[0]["id"]')
}

# What the district sees to before anybody works: the employer's policy, the supervisor, and the
# certificate of the coordinator. They hold for two years from today, whenever the demo runs.
settle_partner() {
	local far id
	far=$(date -d "+2 years" +%F)
	id=$(made DISTRICT insurance "organization_id=$partner" kind=workers_compensation \
		carrier="Valley Mutual" policy_number=WC-1 starts_on=2026-07-01)
	refused "a policy without its last day is not verified" "last day" \
		DISTRICT do insurance "$id" verify evidence="certificate of 1 July"
	DISTRICT set insurance "$id" "ends_on=$far" >/dev/null
	check "the district verifies the employer's policy" \
		DISTRICT do insurance "$id" verify evidence="certificate of 1 July"
	supervisor=$(DISTRICT list supervisor "organization_id=$partner" --json | json 'it[0]["id"]')
	check "  and the supervisor" DISTRICT do supervisor "$supervisor" verify
	coordinator=$(made DISTRICT staff identifier=WBL-1 given_name=Pat family_name=Stone job=coordinator)
	id=$(made DISTRICT staff_qualification "staff_id=$coordinator" kind=wbl_certificate \
		issued_on=2026-07-01 "expires_on=$far")
	check "  and confirms the coordinator's certificate" DISTRICT do staff_qualification "$id" confirm
	DISTRICT sync >/dev/null
}

# trained OFFICE STUDENT: orientation and safety, and the birth date that labor rules go by
trained() {
	local office=$1 student=$2 topic id
	"$office" set student "$student" birth_date=2009-03-02 >/dev/null
	for topic in orientation safety; do
		id=$(made "$office" training "student_id=$student" "school_id=$high_id" "topic=$topic")
		"$office" do training "$id" attend attended_on=2026-08-10 >/dev/null
		"$office" do training "$id" pass "valid_until=$(date -d "+2 years" +%F)" >/dev/null
	done
}

# papered OFFICE STUDENT PLACEMENT: what the rules ask for before the first day, signed and seen
papered() {
	local office=$1 kind id step
	for kind in learning_plan agreement emergency safety transportation; do
		id=$(made "$office" document "student_id=$2" "school_id=$high_id" "placement_id=$3" \
			"kind=$kind" valid_from=2026-08-10)
		for step in issue sign verify; do
			"$office" do document "$id" "$step" >/dev/null
		done
	done
}

# approved OFFICE STUDENT TITLE: a placement through every review; prints its id.
approved() {
	local office=$1 student=$2 title=$3 id step
	id=$(made "$office" placement "student_id=$student" "school_id=$high_id" "title=$title" \
		kind=internship pay=wage "organization_id=$partner" "supervisor_id=$supervisor" \
		"coordinator_id=$coordinator" starts_on=2026-08-17 ends_on=2027-05-21 target_minutes=300h)
	for step in submit endorse; do
		"$office" do placement "$id" "$step" >/dev/null
	done
	"$office" sync >/dev/null
	DISTRICT sync >/dev/null
	DISTRICT do placement "$id" approve >/dev/null
	DISTRICT sync >/dev/null
	"$office" sync >/dev/null
	echo "$id"
}

# started OFFICE PLACEMENT STUDENT: once everything is there that must come before the first day.
started() {
	local office=$1 placement=$2 step
	trained "$office" "$3"
	papered "$office" "$3" "$placement"
	"$office" set placement "$placement" alignment=aligned >/dev/null
	for step in ready start; do
		"$office" do placement "$placement" "$step" >/dev/null
	done
	"$office" sync >/dev/null
}

# entered OFFICE SHEET DATE FROM TO: one line of hours
entered() {
	made "$1" time_entry "sheet_id=$2" "work_date=$3" "starts_at=$4" "ends_at=$5" task="On the floor"
}

work_a_day() {
	find_people
	heading "The district vouches for partner and coordinator"
	settle_partner
	HIGH sync >/dev/null

	heading "Placements move from draft to active"
	shop=$(approved HIGH "$shared" "Machining intern")
	refused "it does not start while something is missing" "safety training.*is missing" \
		HIGH do placement "$shop" ready
	started HIGH "$shop" "$shared"
	same "the high school's placement is active at the district" active \
		"$(DISTRICT sync >/dev/null && value DISTRICT placement "$shop" state)"
	office=$(approved HIGH "$own" "Front office")
	started HIGH "$office" "$own"
	check "the career center sees the shared student's placement" \
		test "$(CENTER sync >/dev/null && value CENTER placement "$shop" state)" = active
	refused "a move that the state does not allow is refused" "active" HIGH do placement "$office" ready

	heading "Hours are entered at both schools; the career center's line is cut"
	sheet=$(made HIGH time_sheet "placement_id=$shop" "week_start=$sunday")
	entered HIGH "$sheet" "$monday" 15:30 18:00 >/dev/null
	check "the high school syncs its hours" HIGH sync
	check "the career center has the sheet" CENTER sync
	say "from here the career center works without the server"
	entered CENTER "$sheet" 2026-09-15 13:00 15:00 >/dev/null
	entered HIGH "$sheet" 2026-09-16 15:30 17:00 >/dev/null
	same "the career center shows its own line at once" 2 "$(count CENTER time_entry "sheet_id=$sheet")"
	refused "hours outside the week are refused while typing" "week" \
		CENTER add time_entry "sheet_id=$sheet" work_date=2026-09-21 starts_at=13:00 ends_at=14:00

	heading "Both change the same placement"
	HIGH set placement "$shop" target_minutes=320h >/dev/null
	CENTER set placement "$shop" target_minutes=280h >/dev/null
	CENTER set placement "$shop" note="Needs safety boots" >/dev/null
	check "the high school syncs first" HIGH sync
	check "the line of the career center is back" CENTER sync
	check "the high school pulls" HIGH sync
	same "all three lines of the shared week are at the high school" 3 "$(count HIGH time_entry "sheet_id=$sheet")"
	same "  and at the career center" 3 "$(count CENTER time_entry "sheet_id=$sheet")"
	same "  the same ones, to the byte" "$(HIGH list time_entry "sheet_id=$sheet" --json)" \
		"$(CENTER list time_entry "sheet_id=$sheet" --json)"
	same "the note that nobody else touched merged" "Needs safety boots" "$(value HIGH placement "$shop" note)"
	same "the hours target is a conflict, seen at the high school" 1 "$(HIGH conflicts --json | json 'len(it)')"
	same "  and at the career center" 1 "$(CENTER conflicts --json | json 'len(it)')"
	HIGH conflicts | sed 's/^/   /'
	conflict=$(HIGH conflicts --json | json 'it[0]["id"]')
	check "the high school decides for the career center's value" HIGH conflicts resolve "$conflict" mine
	HIGH sync >/dev/null
	CENTER sync >/dev/null
	same "  both show the decision" "$(value HIGH placement "$shop" target_minutes)" \
		"$(value CENTER placement "$shop" target_minutes)"
	same "  and no conflict is left" 0 "$(CENTER conflicts --json | json 'len(it)')"

	heading "An approval names exactly what was approved"
	HIGH do time_sheet "$sheet" submit >/dev/null
	HIGH sync >/dev/null
	CENTER sync >/dev/null
	HIGH do time_sheet "$sheet" recall >/dev/null
	HIGH sync >/dev/null
	entry=$(HIGH list time_entry "sheet_id=$sheet" --json | json 'it[0]["id"]')
	HIGH set time_entry "$entry" ends_at=18:30 >/dev/null
	HIGH do time_sheet "$sheet" submit >/dev/null
	HIGH sync >/dev/null
	say "the career center has not seen the longer shift and signs what it sees"
	CENTER do time_sheet "$sheet" approve capacity=coordinator approver_name="B. Stone" \
		evidence="e-mail of the supervisor" >/dev/null
	CENTER sync >/dev/null || true
	same "the approval is refused and kept as a draft" 1 "$(CENTER drafts --json | json 'len(it)')"
	CENTER drafts | sed 's/^/   /'
	same "  the sheet is not approved" submitted "$(value CENTER time_sheet "$sheet" state)"
	draft=$(CENTER drafts --json | json 'it[0]["id"]')
	check "the center discards the draft and signs what is there now" CENTER drafts discard "$draft"
	CENTER do time_sheet "$sheet" approve capacity=coordinator approver_name="B. Stone" \
		evidence="e-mail of the supervisor" >/dev/null
	CENTER sync >/dev/null
	HIGH sync >/dev/null
	same "  approved, and seen at the high school" approved "$(value HIGH time_sheet "$sheet" state)"
	refused "an approved sheet does not change" "approved" HIGH set time_entry "$entry" ends_at=19:00
}

show_reports() {
	heading "Three reports at the district office"
	DISTRICT sync >/dev/null
	local name
	for name in participation hours pipeline; do
		check "$name" DISTRICT report "$name" --year 2027
		DISTRICT report "$name" --year 2027 | sed 's/^/   /'
	done
	[ "$mode" = --check ] || return 0 # whoever tries things out approves more
	same "390 approved minutes are counted once" 390 \
		"$(DISTRICT report hours --year 2027 --format json | json 'sum(int(r["accepted_minutes"] or 0) for r in it["rows"])')"
}

# Every input is somewhere: judged mutations on the server are what the devices sent.
check_ledger() {
	heading "Nothing was lost and nothing doubled"
	local sent stored
	sent=0
	for office in DISTRICT HIGH CENTER; do
		"$office" sync >/dev/null # that somebody looked at a record is input, too
		sent=$((sent + $("$office" status --json | json 'it["next_counter"] - 1')))
	done
	# Of a bulk import the server makes the mutations, one for each row; a small one went as input.
	sent=$((sent + $(DISTRICT import list --json | json 'sum(i["rows"] for i in it if i["stage"] != "stored here")')))
	stored=$(psql "$conninfo" -Atqc 'select count(*) from mutation')
	same "$sent inputs were made and $stored have a verdict" "$sent" "$stored"
	same "  each counter once" "$stored" \
		"$(psql "$conninfo" -Atqc 'select count(distinct (device_id, incarnation, counter)) from mutation')"
	check "  the server is well" PD status
}

watch_and_wait() {
	watchers=
	# Not through the functions: $! would be a shell's, and the program would outlive it.
	PRACTICUM_HOME=$run/high practicum sync --watch >>"$log/high.log" 2>&1 8>&- &
	watchers+=" $!"
	PRACTICUM_HOME=$run/center practicum sync --watch >>"$log/center.log" 2>&1 8>&- &
	center_watcher=$!
	watchers+=" $center_watcher"
	cat >"$run/try" <<TRY

The district runs. In another terminal:

  export PATH=$top/build/release:\$PATH
  PRACTICUM_HOME=$run/high practicum list placement
  PRACTICUM_HOME=$run/high practicum add time_entry --help
  PRACTICUM_HOME=$run/district practicum report hours --year 2027

The people of this demo; they are signed in until nobody typed a command for 10 minutes:

  at          login    password          signs in with practicum login LOGIN
  high        a.ray    $(cat "$run/people/a.ray.password")  coordinator of the high school
  center      b.stone  $(cat "$run/people/b.stone.password")  coordinator of the career center
  district    d.lee    $(cat "$run/people/d.lee.password")  coordinator and administrator of the district, and
                                         with --factor \$($top/deploy/demo --digits d.lee)
Another one, whose one-time code is typed once (practicum login c.fox --code CODE):

  practicumd user add c.fox --config $run/practicumd.conf --name "C. Fox" --role teacher --school "$(
		DISTRICT show school "$(cut -d ' ' -f 1 "$run/schools")" --json | json 'it["name"]')"

Cut the career center's line, edit the same placement at both, mend it:

  kill $center_watcher
  PRACTICUM_HOME=$run/high practicum set placement ID note="from the high school"
  PRACTICUM_HOME=$run/center practicum set placement ID note="from the career center"
  PRACTICUM_HOME=$run/center practicum sync
  PRACTICUM_HOME=$run/center practicum conflicts

Ctrl-C ends the demo; deploy/demo --reset removes its data.
TRY
	cat "$run/try"
	wait "$server"
}
