#!/usr/bin/python3
"""usage: proxy.py PORT [--up N] [--down N] [--delay MS] [--hang] [--twice]

A network between stations and a server that misbehaves as it is told: passes N bytes one way or the
other and then cuts the connection, at any byte of any frame; or hangs, as when a cable was pulled and
nobody noticed; delays what it passes; sends all twice, on a second connection. Prints the port on
which it listens and goes on until it is killed. A server for it: `deploy/demo`.
"""
import argparse
import asyncio
import collections
import threading

PIECE = 65536

# up, down: bytes passed toward the server, or from it, before the fault; None: there is none.
Fault = collections.namedtuple("Fault", "up down delay_s hangs twice",
                               defaults=(None, None, 0.0, False, False))


class Reached(Exception):
    """As many bytes went one way as were to go."""


class Proxy:
    """Listens at `port`. The next connection gets the first of `faults`, if there is one. `target` may
    be changed: then it is the balancer in front of several servers."""

    def __init__(self, target):
        self.target = target
        self.faults = collections.deque()
        self.n_connections = self.n_faults = 0
        self.port = None
        self.loop = asyncio.new_event_loop()
        self.open, self.ways = set(), set()
        started = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(started,), daemon=True)
        self.thread.start()
        started.wait()

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        listener = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = listener.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    def cut(self):
        """Every connection there is, without a word: the machines hear a reset."""
        def abort():
            for writer in self.open:
                writer.transport.abort()
        self.loop.call_soon_threadsafe(abort)

    def hang(self):
        """Every connection there is stays open and passes nothing more, as when a cable was pulled."""
        def stop():
            for way in self.ways:
                way.cancel()
        self.loop.call_soon_threadsafe(stop)

    async def serve(self, reader, writer):
        fault = self.faults.popleft() if self.faults else Fault()
        self.n_connections += 1
        writers = [writer]
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
            writers.append(server_writer)
            echo = []
            if fault.twice:
                _, second = await asyncio.open_connection("127.0.0.1", self.target)
                writers.append(second)
                echo.append(second)
            self.open.update(writers)
            await self.pass_on(fault, (reader, [server_writer, *echo]), (server_reader, [writer]))
        except OSError:
            pass  # one of the two is away: so is the connection
        finally:
            self.open.difference_update(writers)
            for one in writers:
                one.transport.abort()

    async def pass_on(self, fault, up, down):
        ways = [asyncio.create_task(pump(*up, fault.up, fault.delay_s)),
                asyncio.create_task(pump(*down, fault.down, fault.delay_s))]
        self.ways.update(ways)
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        self.ways.difference_update(ways)
        ends = [end_of(way) for way in done]
        is_pulled = any(isinstance(end, BaseException) and not isinstance(end, Exception)
                        for end in ends)
        reached = is_pulled or any(isinstance(end, Reached) for end in ends)
        self.n_faults += reached
        if not reached:
            await asyncio.sleep(0.05)  # the last words of the other side
        for way in ways:
            way.cancel()
        if is_pulled or reached and fault.hangs:
            # Neither hears that the other has gone.
            await asyncio.gather(swallow(up[0]), swallow(down[0]))


def end_of(way):
    """What ended it: an exception, None, or what asyncio throws into a task that is pulled."""
    try:
        return way.exception()
    except BaseException as pulled:  # asyncio's, which is no Exception
        return pulled


async def pump(reader, writers, limit, delay_s):
    """Until the end, or until limit bytes have gone."""
    left = limit
    while left is None or left > 0:
        data = await reader.read(PIECE if left is None else min(PIECE, left))
        if not data:
            return
        if delay_s > 0:
            await asyncio.sleep(delay_s)
        for writer in writers:
            writer.write(data)
            await writer.drain()
        if left is not None:
            left -= len(data)
    raise Reached


async def swallow(reader):
    while await reader.read(PIECE):
        pass


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n", 1)[0].removeprefix("usage: "))
    parser.add_argument("port", type=int)
    parser.add_argument("--up", type=int)
    parser.add_argument("--down", type=int)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds")
    parser.add_argument("--hang", action="store_true")
    parser.add_argument("--twice", action="store_true")
    options = parser.parse_args()
    fault = Fault(options.up, options.down, options.delay / 1000, options.hang, options.twice)
    proxy = Proxy(options.port)
    proxy.faults = collections.deque(1000 * [fault])
    print(proxy.port, flush=True)
    proxy.thread.join()


if __name__ == "__main__":
    main()
