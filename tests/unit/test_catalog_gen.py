#!/usr/bin/python3
"""usage: test_catalog_gen.py PROTOC

proto/gen/catalog.py names every fault of a record message with file, message and field, and writes
nothing then.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import tap

PROTOC = ""

HEAD = """syntax = "proto2";
package practicum.records;
import "options.proto";
"""

GOOD = """message Trip {
  option (record) = {
    number: 900 help: "A trip." owner: BY_FIELD owner_field: "school_id" retention: "year"
    title: [ "note" ] columns: [ "note" ]
    group: { number: 1 name: "all" }
    group: { number: 2 name: "tags" merge: SET }
    action: { number: 1 name: "close" from: "open" to: "closed" args: "Close"
      help: "It is over." }
  };
  message Close { optional string note = 1 [(f) = { max: 40 }]; }
  enum State { STATE_OPEN = 1; STATE_CLOSED = 2; }
  optional State state = 1 [(f) = { group: "all" state: true }];
  optional bytes school_id = 2 [(f) = { group: "all" ref: "school" required: true
    immutable: true }];
  optional string note = 3 [(f) = { group: "all" max: 40 }];
  repeated string tags = 4 [(f) = { group: "tags" max: 40 }];
  optional int64 minutes = 5 [(f) = { group: "all" kind: MINUTES min: 0 max: 60 }];
}
"""

# What is written instead of what, and what is said then.
FAULTS = [
    ("number: 900", "number: 3", "Trip: record types: 3 stands twice"),
    ("number: 900", "number: 0", "Trip: the type number must be from 1 to 65535"),
    ("owner: BY_FIELD owner_field", "owner: REFERENCE owner_field",
     "Trip: owner_field belongs to owner BY_FIELD, and BY_FIELD needs it"),
    ('owner_field: "school_id"', 'owner_field: "note"',
     "Trip: owner_field must be a required, immutable reference to a school"),
    ('help: "A trip."', "", "Trip: help and retention must be said"),
    ('title: [ "note" ]', 'title: [ "name" ]', "Trip: title: no field name"),
    ('columns: [ "note" ]', "", "Trip: title and columns must name fields"),
    ('group: { number: 2 name: "tags"', 'group: { number: 1 name: "tags"',
     "Trip: group numbers: 1 stands twice"),
    ('number: 2 name: "tags" merge: SET', 'number: 2 name: "tags" merge: SET } '
     'group: { number: 3 name: "none"', "Trip: group none has no field"),
    ('group: "tags" max: 40', 'group: "tag" max: 40', "Trip.tags: no group 'tag'"),
    ('string note = 3 [(f) = { group: "all"', 'string note = 3 [(f) = { group: "tags"',
     "Trip: group tags: merge SET needs exactly one repeated string"),
    ('from: "open"', 'from: "opened"', "Trip action close: no state opened"),
    ('to: "closed"', 'to: "shut"', "Trip action close: no state shut"),
    ('args: "Close"', 'args: "Shut"', "Trip action close: no nested message Shut"),
    ("{ optional string note = 1 [(f) = { max: 40 }]; }", "{ optional int64 note = 1; }",
     "Trip.Close.note: named as a field of the record, so it must have its kind"),
    ("STATE_OPEN = 1", "OPEN = 1", "State.OPEN: the name must begin with STATE_"),
    ("STATE_OPEN = 1", "STATE_OPEN = 0", "State.STATE_OPEN: the number must be from 1 to 65535"),
    ("STATE_CLOSED = 2", "STATE_CLOSED = 64", "Trip: state numbers must be below 64"),
    ("state: true", "required: true", "Trip: actions and frozen states need a field with `state: true`"),
    ('string note = 3 [(f) = { group: "all"', 'string note = 3 [(f) = { group: "all" mask: HEALTH',
     "Trip: note: mask: a state, a hash, a title, a key or a date rests on it"),
    ("kind: MINUTES min: 0", "kind: MINUTES mask: HEALTH hashed: true min: 0",
     "Trip: minutes: mask: a state, a hash, a title, a key or a date rests on it"),
    ('group: "tags" max: 40', 'group: "tags" mask: CONTENT max: 40',
     "Trip: tags: mask CONTENT needs fields record_type and record_id"),
    ('ref: "school"', 'ref: "academy"', "Trip.school_id: no record type academy to refer to"),
    ("optional bytes school_id", "optional string school_id", "Trip.school_id: ref needs a bytes field"),
    ("optional string note = 3", "optional string order = 3",
     "Trip.order: the name must be snake case and free as a column name"),
    ("optional string note = 3", "required string note = 3",
     "Trip.note: say optional; what must be there has `required: true`"),
    ("repeated string tags", "repeated int64 tags", "Trip.tags: only strings may be repeated"),
    ("optional int64 minutes", "optional int32 minutes", "Trip.minutes: kind MINUTES needs int64"),
    ("kind: MINUTES min: 0", "kind: MINUTES min: 61", "Trip.minutes: min is larger than max"),
    ("optional int64 minutes = 5 [(f) = { group: \"all\" kind: MINUTES min: 0 max: 60 }]",
     "optional double minutes = 5 [(f) = { group: \"all\" }]",
     "Trip.minutes: a field is a string, bytes, int64, bool or enum, or has a kind"),
    ('string note = 3 [(f) = { group: "all" max: 40 }]', 'string note = 3 [(f) = { group: "all" }]',
     "Trip.note: a text says max, from 1 to 16384 bytes"),
    ('group: "all" max: 40 }', 'group: "all" max: 40 required: true since: 2 }',
     "Trip.note: a later field cannot be required: older programs do not send it"),
    ('note = 3 [(f) = { group: "all" max: 40 }]', 'note = 3 [default = "x", (f) = { group: "all" max: 40 }]',
     "Trip.note: no oneof and no default in records"),
]


class CatalogGenerator(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "proto", self.work / "proto")

    def generate(self, **files):
        for name, text in files.items():
            (self.work / f"proto/records/{name}.proto").write_text(HEAD + text)
        return subprocess.run(
            [sys.executable, "-B", ROOT / "proto/gen/catalog.py", "--protoc", PROTOC,
             "--proto", self.work / "proto", "--out", self.work / "out"],
            capture_output=True, text=True, check=False)

    def test_one_more_message_is_one_more_type(self):
        result = self.generate(trip=GOOD)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        header = (self.work / "out/catalog/types.h").read_text()
        self.assertIn("PRAC_TRIP = 900,", header)
        self.assertIn("PRAC_TRIP_NOTE = 2,", header)
        self.assertIn("PRAC_TRIP_NOTE_NO = 3,", header)
        self.assertIn("PRAC_TRIP_STATE_CLOSED = 2,", header)
        self.assertIn("PRAC_TRIP_DO_CLOSE = 1,", header)

    def test_every_fault_is_named_with_file_message_and_field(self):
        messages = []
        for i, (old, new, _) in enumerate(FAULTS):
            self.assertIn(old, GOOD)
            faulty = GOOD.replace(old, new, 1).replace("message Trip", f"message Trip{i}")
            messages.append(faulty.replace("number: 900", f"number: {900 + i}"))
        result = self.generate(trip="".join(messages))
        self.assertEqual(result.returncode, 1)
        self.assertFalse((self.work / "out").exists())
        for i, (_, _, words) in enumerate(FAULTS):
            said = words.replace("Trip", f"Trip{i}", 1)
            self.assertIn(f"proto/records/trip.proto: {said}\n", result.stderr)

    def test_all_faults_are_told_at_once(self):
        faulty = GOOD.replace('to: "closed"', 'to: "shut"').replace('ref: "school"', 'ref: "academy"')
        result = self.generate(trip=faulty)
        self.assertIn("no state shut", result.stderr)
        self.assertIn("no record type academy", result.stderr)

    def test_what_follows_and_freezes_is_checked(self):
        faulty = GOOD.replace('retention: "year"', 'retention: "year" follows: "school_id" '
                              'frozen_with: "school_id" proposable: true')
        result = self.generate(trip=faulty)
        self.assertIn("Trip: follows must name a reference to a student", result.stderr)
        self.assertIn("Trip: frozen_with must refer to a type with a lower number", result.stderr)
        self.assertIn("Trip: proposable needs owner REFERENCE and states", result.stderr)

    def test_too_many_fields_are_refused(self):
        fields = "".join(f'  optional bool b{i} = {i + 10} [(f) = {{ group: "all" }}];\n'
                         for i in range(60))
        result = self.generate(trip=GOOD.rstrip()[:-1] + fields + "}\n")
        self.assertIn("Trip: a type has 1 to 64 fields", result.stderr)

    def test_a_message_without_its_options_is_refused(self):
        result = self.generate(trip="message Trip { optional bool seen = 1; }\n")
        self.assertIn("proto/records/trip.proto: Trip: a top-level message here needs option",
                      result.stderr)


if __name__ == "__main__":
    PROTOC = sys.argv.pop()
    tap.main()
