"""Who is measured, and on what."""
from dataclasses import dataclass, field

HERE = "benches/peers"


@dataclass(frozen=True)
class Operation:
    name: str  # as contenders know it
    title: str
    mean: bool = False  # instead of the median, where the time is a matter of luck
    share: float = 1  # of time


OPERATIONS = [
    Operation("keygen", "DSA key generation, mean", mean=True, share=10),
    Operation("ake", "key exchange"),
    Operation("smp", "SMP, whole"),
    Operation("ping-pong-100", "ping-pong 100 B"),
    Operation("one-way-100", "one-way 100 B"),
    Operation("one-way-1k", "one-way 1 KB"),
    Operation("one-way-64k", "one-way 64 KB"),
    Operation("fragments", "64 KB in fragments of 140 B"),
    Operation("heap", "live heap an endpoint after the key exchange"),
    Operation("sessions", "one-way 100 B beside many sessions"),
]


@dataclass(frozen=True)
class Contender:
    name: str
    about: str
    directory: str  # under HERE; its `build` is run
    command: list  # of which {out} is where things were built
    sessions: int = 0  # how many for "sessions"; 0: not measured
    leaves_out: tuple = field(default=())

    def does(self, operation):
        return operation.name not in self.leaves_out and (operation.name != "sessions" or self.sessions > 0)


BASE = "libotr"
CONTENDERS = [
    Contender("libotr", "libotr 4.1.1 in C", "libotr", ["{out}/libotr"], sessions=10_000),
    Contender("rustcrypto", "this library, pure Rust", "ours", ["{out}/ours", "rustcrypto"], sessions=100_000),
    Contender("openssl", "this library on OpenSSL", "ours", ["{out}/ours", "openssl"], sessions=100_000),
    Contender("otrr", "otrr 0.7.4 in Rust", "otrr", ["{out}/otrr"]),
    Contender("otr3", "twstrike/otr3 in Go", "otr3", ["{out}/otr3"], leaves_out=("fragments",)),
    Contender(
        "potr", "potr 1.0.2 in Python (OTR version 2)", "potr",
        ["conformance/peers/potr/venv/bin/python", f"{HERE}/potr/contender.py"],
    ),
    Contender(
        "otrjs", "otr.js 0.2.16 in JavaScript", "otrjs",
        ["node", "--expose-gc", f"{HERE}/otrjs/contender.js", "{out}/otrjs.keys"],
    ),
]
GROUPS = {"ours": ["rustcrypto", "openssl"]}
