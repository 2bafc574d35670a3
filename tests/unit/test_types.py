#!/usr/bin/python3
"""usage: test_types.py PRACTICUM

practicum types and describe from outside: every entity that was asked for is there (tests/data/entities.txt), and each type
is told in words.
"""
import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
sys.dont_write_bytecode = True
import tap

PRACTICUM = ""


def run(*words):
    """Away from any replica: the commands need none."""
    return subprocess.run([PRACTICUM, *words], cwd="/", env={"LC_ALL": "C.UTF-8", "PRACTICUM_HOME": "/nowhere"},
                          check=True, capture_output=True, text=True, timeout=60).stdout


def entities():
    """Entity -> its types; none where something else keeps it."""
    for line in (ROOT / "tests/data/entities.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, colon, types = line.partition(":") if " - " not in line else line.partition(" - ")
            yield name, types.split() if colon == ":" else []


class Types(unittest.TestCase):
    def setUp(self):
        self.types = {one["name"]: one for one in json.loads(run("types", "--json"))}

    def test_every_entity_that_was_asked_for_has_its_types(self):
        asked = list(entities())
        self.assertEqual([(name, one) for name, types in asked for one in types if one not in self.types], [])
        self.assertGreaterEqual(len(asked), 95)
        listed = run("types")
        self.assertEqual([name for name in self.types if name not in listed.split()], [])

    def test_no_more_than_five_entities_are_kept_elsewhere(self):
        self.assertEqual([name for name, types in entities() if not types],
                         ["RoleAssignment", "Client", "Operation", "AuditEvent", "ImportBatch"])

    def test_describe_tells_each_field_action_and_argument_in_words(self):
        for name, one in self.types.items():
            said = " ".join(run("describe", name).split())
            told = [one["help"], *(field["help"] for field in one["fields"])]
            for action in one["actions"]:
                told += [action["help"], *(argument["help"] for argument in action["arguments"]
                                             if not argument["name"].startswith("was_"))]
            self.assertEqual([(name, words) for words in told
                              if not words or words[-1] not in ".?!" or " ".join(words.split()) not in said], [])


if __name__ == "__main__":
    PRACTICUM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    tap.main()
