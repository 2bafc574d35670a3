#!/usr/bin/python3
"""usage: memory.py BUILD-FOLDER [CASE...] [--tries N]

One allocation after the other fails while somebody signs in or a station enrolls, at the server and at the
station: OpenSSL's, libpq's, libsodium's, SQLite's and libuv's, by tests/support/no_memory.c. Each time whoever
asked hears of it, nobody crashes, and the same request goes through afterwards. So many of the allocations as there
are tries, spread evenly over all that the request makes.
"""
import argparse
import json
import mmap
import struct
import sys

import cases
import lab

LOGIN, PASSWORD = "ann.ray", "wild geese fly south"
TRIES = 4
PLENTY = 1 << 30
ANSWERS = (lab.DONE, lab.REFUSED, lab.UNREACHABLE)


class Memory:
    """The count of no_memory.c in a file, and the environment of a program that has it."""

    def __init__(self, home, name):
        self.path = home.folder / f"{name}.memory"
        self.path.write_bytes(bytes(4))
        with open(self.path, "r+b") as file:
            self.count = mmap.mmap(file.fileno(), 4)
        self.environment = {"LD_PRELOAD": str(home.build / "tests/support/no-memory.so"),
                            "NO_MEMORY": str(self.path)}

    def fail_at(self, n):
        self.count[:] = struct.pack("=i", n)

    def left(self):
        return struct.unpack("=i", self.count[:])[0]


class Desk:
    """A school's station at which a coordinator signs in; server and station may run out of memory."""

    def __init__(self, home, tries):
        self.home, self.tries = home, tries
        self.server = home.server()
        self.server.create()
        self.of_server, self.of_station = Memory(home, "server"), Memory(home, "station")
        self.server.start(**self.of_server.environment)
        self.office = home.enroll(self.server, "district", "--district")
        self.office.add("school", "name=High", "code=H1", "kind=high", "zone=America/New_York")
        self.office.sync()
        self.high = home.enroll(self.server, "high", "--school", "H1")
        self.high.sync()
        code = self.server.command("user", "add", LOGIN, "--name", "A. Ray", "--role", "coordinator",
                                   "--school", "H1").split()[0]
        self.high.login(LOGIN, PASSWORD, "--code", code)
        self.n_enrolled = 0

    def sign_in(self):
        """(exit code, what it said)"""
        self.high.write("DELETE FROM sign_in_try")
        code, out, err = self.high.call("login", LOGIN, "--password-file", "-", text=f"{PASSWORD}\n",
                                        **self.of_station.environment)
        return code, out + err

    def code(self):
        return json.loads(self.server.command("enroll-code", "--school", "H1", "--json"))["code"]

    def newcomer(self):
        """A request to enroll that may be made again."""
        self.n_enrolled += 1
        station, code = self.home.station(f"new{self.n_enrolled}"), self.code()

        def enroll():
            found, out, err = station.call(
                "enroll", "--server", f"localhost:{self.server.enroll_port}", "--code", code,
                **self.of_station.environment)
            return found, out + err

        return enroll


def spread(total, tries):
    """Which allocations fail."""
    step = max(1, total // tries)
    return range(1 + step // 2, total + 1, step)


def sweep(desk, memory, what):
    """what() makes a request that can be repeated until it is done."""
    memory.fail_at(PLENTY)
    code, said = what()()
    total = PLENTY - memory.left()
    assert code == lab.DONE and total > 100, (code, total, said)
    n_refused = 0
    for n in spread(total, desk.tries):
        request = what()
        memory.fail_at(n)
        code, said = request()
        memory.fail_at(0)
        assert code in ANSWERS, f"allocation {n} of {total}: exit {code}: {said}"
        assert desk.server.is_up(), f"allocation {n} of {total}: {desk.server.last_words()}"
        n_refused += code != lab.DONE
        if code != lab.DONE:
            assert said.strip() and "wrong" not in said, f"allocation {n} of {total}: {said}"
            code, said = request()
        assert code == lab.DONE, f"after allocation {n} of {total}: exit {code}: {said}"
    cases.say(f"{len(spread(total, desk.tries))} of {total} allocations failed, "
              f"{n_refused} requests with them")


def signing_in_outlives_each_failed_allocation_of_the_server(desk):
    sweep(desk, desk.of_server, lambda: desk.sign_in)


def signing_in_outlives_each_failed_allocation_of_the_station(desk):
    sweep(desk, desk.of_station, lambda: desk.sign_in)


def enrollment_outlives_each_failed_allocation_of_the_server(desk):
    sweep(desk, desk.of_server, desk.newcomer)


def enrollment_outlives_each_failed_allocation_of_the_station(desk):
    sweep(desk, desk.of_station, desk.newcomer)


CASES = [
    signing_in_outlives_each_failed_allocation_of_the_server,
    signing_in_outlives_each_failed_allocation_of_the_station,
    enrollment_outlives_each_failed_allocation_of_the_server,
    enrollment_outlives_each_failed_allocation_of_the_station,
]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].removeprefix("usage: "))
    parser.add_argument("build")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--tries", type=int, default=TRIES)
    options = parser.parse_args()
    sys.argv[2:] = options.cases  # what cases.run() chooses by
    with lab.Lab(options.build) as home:
        desk = Desk(home, options.tries)
        failed = cases.run(CASES, desk)
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
