"""Every input that a test makes carries a value of its own. After healing each of them is found in
exactly one of: accepted, in conflict, refused and kept, quarantined, discarded by a person; none is
lost, none is there twice, and what was accepted took effect once.

What the stations believe is read from their outboxes, what is so from the server's tables.
"""
import collections

import lab
import sealed
import wire

VERDICTS = {1: "accepted", 2: "conflict", 3: "refused", 4: "quarantined"}

Sent = collections.namedtuple("Sent", "device incarnation counter state verdict seq draft payload")


def new_values(payload):
    """The group values that a mutation brings, joined; not those that it replaces."""
    return b"".join(wire.first(patch, 3, b"") for number, patch in wire.fields(payload)
                    if number == 7)


class Ledger:
    """Makes inputs at stations and knows what must become of them."""

    def __init__(self, district):
        self.district = district
        self.minutes = {}     # value -> minutes of the entry; 0: a note
        self.uncertain = set()  # the command was killed: perhaps stored, perhaps not
        self.n = 0

    def value(self):
        self.n += 1
        return f"value-{self.n:06d}."

    def note_result(self, value, minutes, code, err):
        assert code in (lab.DONE, lab.KILLED), f"an input ended with {code}: {err}"
        self.minutes[value] = minutes
        if code == lab.KILLED:
            self.uncertain.add(value)

    def add_entry(self, station, sheet=None, day=lab.MONDAY, **how):
        value = self.value()
        minutes = 1 + self.n % 59
        code, _, err = station.call(
            "add", "time_entry", f"sheet_id={sheet or self.district.sheet}",
            f"work_date={day}", f"elapsed_minutes={minutes}", f"task={value}", **how)
        self.note_result(value, minutes, code, err)
        return value

    def set_note(self, station, placement=None, **how):
        value = self.value()
        code, _, err = station.call("set", "placement", placement or self.district.placement,
                                    f"note={value}", **how)
        self.note_result(value, 0, code, err)
        return value

    def add_record(self, station, record_type, field, *fields):
        """Of a type without minutes, with the value in the field. Returns the value and the record's id."""
        value = self.value()
        record = station.add(record_type, f"{field}={value}", *fields)
        self.minutes[value] = 0
        return value, record

    def add_entries(self, station, n, sheet=None):
        """Many at once, as one import."""
        lines = ["sheet_id,work_date,elapsed_minutes,task"]
        for _ in range(n):
            value = self.value()
            self.minutes[value] = 1 + self.n % 59
            lines.append(f"{sheet or self.district.sheet},{lab.MONDAY},{self.minutes[value]},{value}")
        path = station.lab.folder / "entries.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        station.run("import", "time_entry", path)


def sent_by(station):
    """What a replica says that it has sent, by key."""
    device = station.read("SELECT device FROM meta")[0][0].hex()
    return [Sent(device, *row) for row in sealed.inputs(
        station, "incarnation, counter, state, verdict, seq, draft")]


def judged_by(server):
    """The server's verdicts: (device, incarnation, counter) -> (verdict, seq, payload)."""
    judged = {}
    for row in server.sql("SELECT replace(device_id::text, '-', ''), incarnation, counter, verdict, seq,"
                          " encode(payload, 'hex') FROM mutation"):
        key = row[0], int(row[1]), int(row[2])
        payload = sealed.of_server(server, sealed.MUTATION, (0, 0), bytes.fromhex(row[0]),
                                   bytes.fromhex(row[5]), key[1:])
        judged[key] = int(row[3]), int(row[4]), payload
    return judged


def check_acknowledged(server, stations):
    """P2 and P3: what a station holds a verdict for is on the server with the same bytes, verdict and
    number; the server holds nothing that no station has sent."""
    judged = judged_by(server)
    known = set()
    for station in stations:
        for sent in sent_by(station):
            key = (sent.device, sent.incarnation, sent.counter)
            known.add(key)
            if key in judged:
                assert judged[key][2] == sent.payload, f"{key}: other bytes than were sent"
            if sent.state == 2:
                assert key in judged, f"{key}: acknowledged, and not on the server"
                assert judged[key][:2] == (sent.verdict, sent.seq), \
                    f"{key}: {judged[key][:2]} there, {(sent.verdict, sent.seq)} here"
    nobody = set(judged) - known
    assert not nobody, f"mutations that nobody sent: {sorted(nobody)[:5]}"


def where_inputs_are(ledger, server, stations):
    """value -> list of outcomes, one for each mutation on the server that brings it. Stations that
    share inputs (copies) count one key once."""
    found = collections.defaultdict(list)
    discarded = {(sent.device, sent.incarnation, sent.counter)
                 for station in stations for sent in sent_by(station) if sent.draft == 2}
    for key, (verdict, _, payload) in judged_by(server).items():
        brings = new_values(payload)
        at = brings.find(b"value-")
        if at >= 0:
            value = brings[at:at + 13].decode()
            outcome = VERDICTS[verdict]
            found[value].append("discarded" if key in discarded and verdict == 3 else outcome)
    unknown = set(found) - set(ledger.minutes)
    assert not unknown, f"values that no test made: {sorted(unknown)[:5]}"
    return found


def take_out_kept(server, wanted, judged, what):
    """Takes the keys out of wanted whose input stands in a record; what: its table, column, field and how the
    record is found."""
    table, column, field, condition = what
    for record, value, device, *key in server.sql(
            f"SELECT replace(r.id::text, '-', ''), encode(r.{column}, 'hex'),"
            " replace(m.device_id::text, '-', ''), m.incarnation, m.counter"
            f" FROM {table} r JOIN mutation m ON {condition}"):
        key = device, *map(int, key)
        kept = sealed.of_server(server, sealed.RECORD, field, bytes.fromhex(record), bytes.fromhex(value))
        if kept == judged[key][2] or (table == "conflict" and kept in judged[key][2]):
            wanted.discard(key)


def check_kept(server):
    """Refused and quarantined input stands whole in `rejected`, both sides of a conflict in `conflict`."""
    judged = judged_by(server)
    refused = {key for key, value in judged.items() if value[0] in (3, 4)}
    in_conflict = {key for key, value in judged.items() if value[0] == 2}
    take_out_kept(server, refused, judged, (
        "rejected", "payload", sealed.REJECTED_PAYLOAD,
        "r.device_id = m.device_id AND r.incarnation = m.incarnation AND r.counter = m.counter"
        " AND octet_length(m.payload) > 0"))
    take_out_kept(server, in_conflict, judged, (
        "conflict", "mine", sealed.CONFLICT_MINE, "r.record_id = m.record_id AND r.mine_device = m.device_id"))
    assert not refused, f"{len(refused)} refused or quarantined inputs are not kept"
    assert not in_conflict, f"{len(in_conflict)} conflicts are not kept"


def check(ledger, server, stations):
    """The whole account; everything must have been synced. Returns outcome -> count."""
    check_acknowledged(server, stations)
    for station in stations:
        waiting = [sent for sent in sent_by(station) if sent.state != 2]
        assert not waiting, f"{station.name}: {len(waiting)} inputs have no verdict"
    found = where_inputs_are(ledger, server, stations)
    twice = {value: all for value, all in found.items() if len(all) > 1}
    assert not twice, f"more than once: {dict(list(twice.items())[:5])}"
    lost = set(ledger.minutes) - set(found) - ledger.uncertain
    assert not lost, f"lost: {len(lost)} of {len(ledger.minutes)}: {sorted(lost)[:5]}"
    check_effects(ledger, server, found)
    check_kept(server)
    return collections.Counter(outcomes[0] for outcomes in found.values())


def check_effects(ledger, server, found):
    """Accepted entries are there once, with their minutes; others are not there."""
    rows = server.sql("SELECT task, elapsed_minutes FROM time_entry WHERE task LIKE 'value-%'"
                      " AND NOT deleted")
    entries = {task: int(minutes) for task, minutes in rows}
    assert len(entries) == len(rows), "an entry is there twice"
    wanted = {value: ledger.minutes[value] for value, (outcome,) in found.items()
              if outcome == "accepted" and ledger.minutes[value] > 0}
    assert entries == wanted, \
        f"{len(entries)} entries are there, {len(wanted)} were accepted"
    assert sum(entries.values()) == sum(wanted.values())


def check_same(server, stations, record_type="time_entry"):
    """P1, seen from outside: the stations show the same records, which are the server's."""
    shown = []
    for station in stations:
        assert station.status()["complete"], f"{station.name} is not complete"
        shown.append(sorted(record["id"] for record in station.json("list", record_type)))
    for station, ids in zip(stations, shown):
        assert ids == shown[0], f"{station.name} shows other records than {stations[0].name}"
    there = sorted(row[0] for row in server.sql(
        f"SELECT id FROM {record_type} WHERE NOT deleted"))
    assert shown[0] == there, f"{len(shown[0])} shown, {len(there)} on the server"
