"""Runs test cases one after the other and reports them as TAP, which tests/run counts. A case is a
function whose name is the rule that it protects.
"""
import sys
import time
import traceback


def say(text):
    for line in text.splitlines():
        print(f"# {line}")


def chosen(everywhere, plain):
    """With --plain on the command line the second list: what needs a build without sanitizers, whose memory is
    the program's alone."""
    if "--plain" not in sys.argv:
        return everywhere
    sys.argv.remove("--plain")
    return plain


def run(cases, *args):
    """Calls each case with args; returns how many failed. Words on the command line behind the first
    choose cases whose names hold one of them."""
    failed = 0
    words = sys.argv[2:]
    cases = [case for case in cases if not words or any(word in case.__name__ for word in words)]
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        begin = time.monotonic()
        try:
            case(*args)
            word = "ok"
        except Exception:  # a case may fail in any way; the others are run all the same
            say(traceback.format_exc())
            word = "not ok"
            failed += 1
        print(f"{word} {number} - {case.__name__}")
        say(f"{time.monotonic() - begin:.1f} s")
        sys.stdout.flush()
    return failed
