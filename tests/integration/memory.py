#!/usr/bin/python3
"""usage: memory.py BUILD-FOLDER [CASE...] [--tries N]

One allocation after the other fails while somebody signs in or a station enrolls, at the server and at the
station: OpenSSL's, libpq's, libsodium's, SQLite's and libuv's, then those of the arenas (common/base/arena.c), by
tests/support/no_memory.c. Each time whoever asked hears of it, nobody crashes, and the same request goes through
afterwards. Only an arena that has no budget may end its program, by abort (docs/adr/0005): it is started again as
the service manager does it. Of the libraries' allocations so many as there are tries, spread evenly over all that the
request makes; of the arenas each.
"""
import argparse
import ctypes
import json
import mmap
import pathlib
import signal
import struct
import subprocess
import sys
import time

import cases
import lab

LOGIN, PASSWORD = "ann.ray", "wild geese fly south"
TRIES, CHANCES = 4, 5
PLENTY = 1 << 30
ANSWERS = (lab.DONE, lab.REFUSED, lab.UNREACHABLE)
ABORTED = -signal.SIGABRT
PR_CAPBSET_DROP, CAP_SYS_PTRACE = 24, 19
LIBRARIES, ARENAS = "libraries", "arenas"
LEAST = {LIBRARIES: 100, ARENAS: 1}  # allocations that a request makes


class Memory:
    """The counts of no_memory.c in a file, and the environment of a program that has it."""

    def __init__(self, home, program):
        self.path = home.folder / f"{program}.memory"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.counts = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(home.build / "tests/support/no-memory.so"),
                            "NO_MEMORY": str(self.path),
                            "NO_MEMORY_CODE": code_of(home.build / program, "add_block")}

    def fail_at(self, kind, n):
        struct.pack_into("=i", self.counts, 4 * (kind == ARENAS), n)

    def left(self, kind):
        return struct.unpack_from("=i", self.counts, 4 * (kind == ARENAS))[0]


def code_of(program, function):
    """Where in the program's file the code of its only function of that name is."""
    symbols = subprocess.run(["nm", "-S", program], check=True, capture_output=True, text=True).stdout
    (begin, size), = [line.split()[:2] for line in symbols.splitlines()
                      if line.split()[2:] in (["t", function], ["T", function])]
    return f"{int(begin, 16):x}-{int(begin, 16) + int(size, 16):x}"


class Desk:
    """A school's station at which a coordinator signs in; server and station may run out of memory."""

    def __init__(self, home, tries):
        self.home, self.tries = home, tries
        self.server = home.server()
        self.server.create()
        self.of_server, self.of_station = Memory(home, "practicumd"), Memory(home, "practicum")
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
        """(exit code, what it said). A try that the end of a program cut off counts as a wrong one."""
        self.high.write("DELETE FROM sign_in_try")
        self.server.sql("DELETE FROM sign_in_delay")
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


def go_on(desk, code, kind, at):
    """After a request whose arena failed. Did it end a program?"""
    if kind == ARENAS and code == ABORTED:
        return True
    assert code in ANSWERS, f"{at}: exit {code}"
    if kind == ARENAS and code != lab.DONE:
        time.sleep(0.2)  # it says nothing, and is gone a moment after its connections
    if desk.server.is_up():
        return False
    assert kind == ARENAS and desk.server.process.returncode == ABORTED, f"{at}: {desk.server.last_words()}"
    desk.server.start(**desk.of_server.environment)
    return True


def attempt(desk, memory, kind, n, request):
    """Makes the request while the n-th allocation fails, then again. Was it refused; did a program end?"""
    at = f"allocation {n} of the {kind}"
    memory.fail_at(kind, n)
    code, said = request()
    memory.fail_at(kind, 0)
    has_ended = go_on(desk, code, kind, at)
    is_refused = code != lab.DONE
    if is_refused:
        assert said.strip() and "wrong" not in said, f"{at}: {said}"
        assert code != ABORTED or "out of memory" in said, f"{at}: {said}"
        code, said = request()
    assert code == lab.DONE, f"after {at}: exit {code}: {said}"
    return is_refused and not has_ended, has_ended


def sweep_kind(desk, memory, kind, what):
    memory.fail_at(kind, PLENTY)
    code, said = what()()
    total = PLENTY - memory.left(kind)
    memory.fail_at(kind, 0)
    assert code == lab.DONE and total >= LEAST[kind], (code, total, said)
    which = spread(total, total if kind == ARENAS else desk.tries)
    outcomes = [attempt(desk, memory, kind, n, what()) for n in which]
    n_told, n_ended = (sum(outcome) for outcome in zip(*outcomes))
    cases.say(f"{len(which)} of {total} allocations of the {kind} failed: {n_told} requests were refused, "
              f"{n_ended} times a program ended")
    return n_told


def sweep(desk, memory, what):
    """what() makes a request that can be repeated until it is done."""
    sweep_kind(desk, memory, LIBRARIES, what)
    n_told = sweep_kind(desk, memory, ARENAS, what)
    if memory == desk.of_server:
        # The first one is the message's, unless the server had something else to do at that moment.
        for _ in range(CHANCES):
            n_told = n_told or attempt(desk, memory, ARENAS, 1, what())[0]
        assert n_told > 0, "nobody was told that there is no room for a message"


def signing_in_outlives_each_failed_allocation_of_the_server(desk):
    sweep(desk, desk.of_server, lambda: desk.sign_in)


def signing_in_outlives_each_failed_allocation_of_the_station(desk):
    sweep(desk, desk.of_station, lambda: desk.sign_in)


def enrollment_outlives_each_failed_allocation_of_the_server(desk):
    sweep(desk, desk.of_server, desk.newcomer)


def enrollment_outlives_each_failed_allocation_of_the_station(desk):
    sweep(desk, desk.of_station, desk.newcomer)


def locked_kib(process):
    """What it keeps out of swap."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmLck:"))


def keys_stay_out_of_swap(desk):
    """The records' keys at the server, seal key and peppers in the signer."""
    assert locked_kib(desk.server.process) > 0
    assert locked_kib(desk.server.signer) > 0


READS = """
import sys
for pid in sys.argv[1:]:
    try:
        with open(f"/proc/{pid}/mem", "rb", 0) as file:
            file.seek(int(open(f"/proc/{pid}/stat").read().split()[27]))
            print("read" if file.read(8) else "nothing")
    except PermissionError:
        print("denied")
"""


def of_their_user_nobody_reads_their_memory(desk):
    """Beside a process that lets itself be read."""
    with subprocess.Popen(["sleep", "60"]) as open_one:
        said = subprocess.run([sys.executable, "-c", READS, str(open_one.pid), str(desk.server.process.pid),
                               str(desk.server.signer.pid)], check=True, capture_output=True, text=True).stdout.split()
        open_one.kill()
    yama = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
    assert said[0] == "read" or (yama.exists() and yama.read_text("ascii").strip() != "0"), "nothing was shown"
    assert said[1:] == ["denied"] * 2, said


CASES = [
    of_their_user_nobody_reads_their_memory,
    keys_stay_out_of_swap,
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
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE)  # of root: from what it starts, this is taken away
    with lab.Lab(options.build) as home:
        desk = Desk(home, options.tries)
        failed = cases.run(CASES, desk)
        home.keeps = failed > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
