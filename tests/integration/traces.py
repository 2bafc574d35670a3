"""What a process has in memory: searched by tests for what is not to stay there. Linux; for root, or the
user that runs the process. No program.
"""
import ctypes
import os
import signal
import subprocess

TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
TRACE_EXIT, EXIT_KILLS = 0x40, 0x100000
AT_EXIT = signal.SIGTRAP | 6 << 8

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, pid=0, data=0):
    if libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def found_in(pid, words):
    """Those of the words, bytes, that stand anywhere the process may write: stacks, heap, data."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            area, mode = line.split()[:2]
            begin, end = (int(number, 16) for number in area.split("-"))
            if mode.startswith("rw") and "[vvar" not in line:
                memory.seek(begin)
                piece = memory.read(end - begin)
                found |= {word for word in words if word in piece}
    return found


def left_at_exit(command, environment, words_of):
    """Runs the command, whose output is short, to the point at which it ends. Returns its output and which of
    words_of(output) are in its memory then."""
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          preexec_fn=lambda: ptrace(TRACEME)) as program:  # pylint: disable=subprocess-popen-preexec-fn
        os.waitpid(program.pid, 0)  # after exec
        ptrace(SETOPTIONS, program.pid, TRACE_EXIT | EXIT_KILLS)
        passed = 0
        while True:
            ptrace(CONT, program.pid, passed)
            _, status = os.waitpid(program.pid, 0)
            assert os.WIFSTOPPED(status), f"it ended unseen: {status}"
            if status >> 8 == AT_EXIT:
                break
            passed = os.WSTOPSIG(status)
        output = os.read(program.stdout.fileno(), 1 << 16)
        found = found_in(program.pid, words_of(output))
        ptrace(CONT, program.pid)
        program.wait()
    return output, found
