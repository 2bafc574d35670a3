#!/usr/bin/python3
"""usage: push_cost.py PUSH-COST

How many instructions the server spends on a mutation that is pushed, in a debug build, from the
request's frame to the answer's (tests/sim/push_cost.c). callgrind counts them; two runs of different
length are subtracted, so that what is done once does not count.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.dont_write_bytecode = True
import tap

PUSH_COST = ""
FEW, MANY = 500, 1000
# Counted: 53,000. Whoever makes it dearer says why and writes the new figure here; 5 % are for
# libraries that choose other code on another processor.
MEASURED, MARGIN = 53000, 0.05
COUNTED, PAUSES = "push_counted", ("mem_db_load", "mem_db_write")


def instructions(mutations):
    with tempfile.TemporaryDirectory(prefix="push-cost.") as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        subprocess.run(["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}",
                        *(f"--toggle-collect={name}" for name in (COUNTED, *PAUSES)),
                        PUSH_COST, str(mutations)], check=True, timeout=100)
        for line in out.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("totals:"):
                return int(line.split()[1])
    raise AssertionError("callgrind wrote no totals")


class PushCost(unittest.TestCase):
    def test_a_mutation_costs_few_instructions(self):
        each = (instructions(MANY) - instructions(FEW)) / (MANY - FEW)
        print(f"# instructions a mutation: {each:.0f}")
        self.assertLess(each, MEASURED * (1 + MARGIN))
        # Far less would mean that something was not counted, or that the figure above is old.
        self.assertGreater(each, MEASURED * 0.7)


if __name__ == "__main__":
    PUSH_COST = sys.argv.pop(1)
    tap.main()
