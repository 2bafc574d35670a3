#!/usr/bin/python3
"""usage: in_out.py BUILD-FOLDER [WORD...]

Files in and out with real processes: what an import moved comes back, every fault of a row is named,
an extract is written as it goes.
"""
import json
import sys

import cases
import imports
import lab


def moved_by(station, *words):
    """An import, the id of it and what takes it back."""
    out = station.json("import", "oneroster", *words)
    batch = out.get("import", out.get("id"))
    station.sync()

    def take_back():
        code, said, err = station.call("import", "reverse", batch, "--json")
        assert code == lab.DONE, err
        station.sync()
        return json.loads(said)

    return take_back


def an_enrollment_that_an_import_moved_is_again_as_it_was(office):
    """Ended and reopened, through the staging and through the outbox, with the planned end it had. Whose
    enrollment somebody moved since stays as they left it."""
    station, server = office.station, office.server
    station.run("import", "oneroster", office.roster, "--staged")
    station.sync()
    left = office.without("away.zip", lambda row: row["role"] == "student" and row["roleType"] == "secondary", 3)
    gone = sorted(row["id"] for row in station.json("import", "oneroster", left, "--preview")["changes"]
                  if row["type"] == "enrollment")
    stays = f"SELECT state, ends_on FROM enrollment WHERE id IN {tuple(gone)} ORDER BY id"
    for how in ([], ["--staged"]):
        station.run("set", "enrollment", gone[0], "ends_on=2027-05-28")
        station.sync()
        begun = [["active", "2027-05-28"], ["active", ""], ["active", ""]]
        assert server.sql(stays) == begun, how
        take_back = moved_by(station, left, *how)
        ended = server.sql(stays)
        assert {state for state, _ in ended} == {"ended"} and "2027-05-28" not in ended[0], ended
        take_back()
        assert server.sql(stays) == begun, how
        moved_by(station, left)
        ended = server.sql(stays)
        take_back = moved_by(station, office.roster, *how)
        assert server.sql(stays) == [["active", ""]] * 3, how
        take_back()
        assert server.sql(stays) == ended, how
        moved_by(station, office.roster)
    assert server.number("SELECT count(*) FROM rejected") == server.number("SELECT count(*) FROM conflict") == 0
    take_back = moved_by(station, left, "--staged")
    station.run("do", "enrollment", gone[1], "reopen", "reason=still here")
    station.sync()
    assert [(row["id"], row["reason"]) for row in take_back()["list"]] == \
        [(gone[1], "it was changed since the import")]


CASES = [
    an_enrollment_that_an_import_moved_is_again_as_it_was,
]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with lab.Lab(sys.argv[1]) as here:
        failed = cases.run(CASES, imports.Office(here))
        here.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
