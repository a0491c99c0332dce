"""potr as a contender: both sides of a conversation in one process. ../README.md describes what it is asked and what it
prints."""
import logging
import sys
import time
import tracemalloc
from collections import deque
from pathlib import Path

# With what potr needs beside today's cryptographic library.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "conformance/peers/potr"))
import peer  # noqa: F401
from potr import context
from potr.compatcrypto.pycrypto import DSAKey

SECRET = b"the same on both sides"
PAIRS_FOR_HEAP = 20


class Account(context.Account):
    def __init__(self, name, max_size):
        super().__init__(name, "bench", max_size)
        self.privkey = DSAKey.generate()

    def loadPrivkey(self):
        return self.privkey

    def savePrivkey(self):
        pass

    def saveTrusts(self):
        pass


class Side(context.Context):
    def __init__(self, account, outgoing):
        super().__init__(account, "peer")
        self.outgoing = outgoing

    def getPolicy(self, key):
        return key == "ALLOW_V2"

    def inject(self, msg, appdata=None):
        self.outgoing.append(msg)


class Pair:
    def __init__(self, accounts):
        self.outgoing = deque(), deque()
        self.alice, self.bob = (Side(*arguments) for arguments in zip(accounts, self.outgoing))
        self.outgoing[0].append(self.alice.sendMessage(context.FRAGMENT_SEND_ALL, b"?OTR?"))
        self.carry()
        assert self.alice.state == self.bob.state == context.STATE_ENCRYPTED, "a key exchange that did not secure both"

    def carry(self):
        """Delivers what is on its way, and what that brings about; the bytes of text that were read."""
        read = 0
        while any(self.outgoing):
            to, queue = (self.bob, self.alice.outgoing) if self.alice.outgoing else (self.alice, self.bob.outgoing)
            text, _ = to.receiveMessage(queue.popleft())
            read += len(text or b"")
        return read

    def write(self, text):
        self.alice.sendMessage(context.FRAGMENT_SEND_ALL, text)
        assert self.carry() == len(text), "a text that was not read"

    def ping_pong(self, text):
        self.write(text)
        self.alice, self.bob = self.bob, self.alice

    def compare(self):
        self.alice.smpInit(SECRET)
        self.carry()
        self.bob.smpGotSecret(SECRET)
        self.carry()
        assert self.alice.smpIsSuccess() and self.bob.smpIsSuccess(), "secrets that are not equal"


def measure(milliseconds, run):
    def batch(times):
        start = time.process_time_ns()
        for _ in range(times):
            run()
        return time.process_time_ns() - start

    times = 1
    while batch(times) < 1_000_000:
        times *= 2
    end = time.process_time_ns() + milliseconds * 1e6
    while True:
        print(batch(times) // times)
        if time.process_time_ns() >= end:
            return


def heap(accounts):
    pairs = [Pair(accounts)]
    tracemalloc.start()
    pairs += [Pair(accounts) for _ in range(PAIRS_FOR_HEAP)]
    print(tracemalloc.get_traced_memory()[0] // (2 * PAIRS_FOR_HEAP))


def main():
    operation, milliseconds = sys.argv[1], float(sys.argv[2])
    logging.disable()
    if operation == "keygen":
        return measure(milliseconds, DSAKey.generate)
    accounts = [Account(name, 140 if operation == "fragments" else 0) for name in ("alice", "bob")]
    if operation == "heap":
        return heap(accounts)
    if operation == "ake":
        return measure(milliseconds, lambda: Pair(accounts))
    pair = Pair(accounts)
    lengths = {"ping-pong-100": 100, "one-way-100": 100, "one-way-1k": 1024, "one-way-64k": 65536, "fragments": 65536}
    if operation == "smp":
        return measure(milliseconds, pair.compare)
    write = pair.ping_pong if operation == "ping-pong-100" else pair.write
    text = b"a" * lengths[operation]
    return measure(milliseconds, lambda: write(text))


if __name__ == "__main__":
    main()
