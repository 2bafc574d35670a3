#!/usr/bin/python3
"""usage: crowd.py BUILD-FOLDER [--clients N] [--minutes M] [--seed S]

Many light clients over real TLS for a long time: each asks for a page or sends again what it has sent,
now and then one comes anew. What the server holds stays flat: after a warm-up of a fifth of the time
its memory grows by at most 5 %, and it has as many open files at the end as at the beginning. The last
line has the numbers. Of an hour: crowd.py build/release --minutes 60.
"""
import argparse
import os
import random
import sys
import time
import uuid

import lab
import limits
import rude
import wire

GROWTH_MAX = 1.05
LOOK_S = 5
PER_DEVICE = 50  # connections; the server lets one have twice as many, for those that come anew


def held_by(pid):
    """(KiB of memory, open files) of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        kib = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return kib, len(os.listdir(f"/proc/{pid}/fd"))


class Client:
    """One connection; its device is many's, its incarnation its own."""

    def __init__(self, place, device, number):
        self.place, self.device, self.incarnation = place, device, 1000 + number
        self.input = rude.mutation(1, uuid.uuid4().bytes, b"C%d" % number)
        self.come()

    def come(self):
        self.peer = self.place.connect(self.device)
        self.peer.greet(incarnation=self.incarnation)
        self.stream = -1

    def act(self, draw):
        if draw < 0.02:
            self.peer.tls.close()
            self.come()
        self.stream += 2
        if draw < 0.2:
            failed, answer = rude.push(self.peer, self.stream, self.input)
        else:
            self.peer.send(wire.frame(wire.REQUEST, method=wire.PULL, stream=self.stream))
            failed, answer = self.peer.wait_answer(self.stream)
        assert not failed, wire.status(answer)


def live(clients, draw, seconds, looks):
    """Everybody in turn, in an order that is drawn anew each time, so that nobody is silent for long; at
    most 40 a second."""
    end = time.monotonic() + seconds
    look = 0
    n = 0
    while time.monotonic() < end:
        if n % len(clients) == 0:
            draw.shuffle(clients)
        clients[n % len(clients)].act(draw.random())
        n += 1
        if time.monotonic() >= look:
            look = time.monotonic() + LOOK_S
            looks.append(held_by(clients[0].place.server.process.pid))
        time.sleep(0.025)
    return n


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].removeprefix("usage: "))
    parser.add_argument("build")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=20260915)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with lab.Lab(options.build) as home:
        place = limits.Place(home)
        place.limit(per_device=2 * PER_DEVICE)
        devices = [place.enrolled(f"crowd-{n}") for n in range(0, options.clients, PER_DEVICE)]
        clients = [Client(place, devices[number // PER_DEVICE], number)
                   for number in range(options.clients)]
        for client in clients:  # each has sent something once
            client.act(0.1)
        warm, flat = [], []
        n = live(clients, draw, options.minutes * 12, warm)
        n += live(clients, draw, options.minutes * 48, flat)
        first, last = flat[0], flat[-1]
        most = max(kib for kib, _ in flat)
        print(f"{options.clients} clients, {n} requests in {options.minutes:g} minutes: "
              f"{first[0]} KiB and {first[1]} open files after the warm-up, {last[0]} and {last[1]} "
              f"at the end, at most {most} KiB", flush=True)
        assert most <= first[0] * GROWTH_MAX, "memory grows"
        assert abs(last[1] - first[1]) <= 1, "descriptors are left open"
    return 0


if __name__ == "__main__":
    sys.exit(main())
