#!/usr/bin/env python3
"""Runs `otr toolkit` and libotr's toolkit (Debian: libotr5-bin) side by side: the same arguments and the same input must
give the same output, byte for byte, on every recorded message and on as many made up here.

    python3 conformance/peers/libotr/toolkit.py target/release/otr [--record FILE]

With --record, what libotr's programs said about a few of them is written down, for tests that run without libotr.
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys

VECTORS = pathlib.Path(__file__).parents[2] / "vectors"


def run(command, text=b""):
    done = subprocess.run(command, input=text, capture_output=True)
    return done.returncode == 0, done.stdout


def recorded():
    """All recorded messages that are not fragments, with what is known of their keys."""
    for file in sorted(VECTORS.glob("v*.json.gz")):
        for step in json.loads(gzip.decompress(file.read_bytes()))["steps"]:
            for message in step.get("emitted", []):
                if message.get("wire", "").startswith("?OTR:") and "decoded" in message:
                    yield message["wire"].encode(), message["decoded"]


def made_up(chance):
    """The arguments of remac for a Data message that nobody ever sent, and its AES key and text."""
    aes_key = chance.randbytes(16).hex()
    number = lambda: str(chance.choice([0, 1, 255, 256, chance.getrandbits(32), 2**32 - 1]))
    key = lambda size: (bytes([chance.randrange(1, 256)]) + chance.randbytes(size - 1)).hex()
    arguments = [number(), number(), str(chance.randrange(256)), number(), number(), key(chance.choice([1, 191, 192]))]
    arguments += [chance.randbytes(8).hex(), chance.randbytes(chance.randrange(200)).hex()]
    return aes_key, arguments + [chance.randbytes(20 * chance.randrange(4)).hex()]


def cases(chance):
    """Pairs of arguments and standard input."""
    data = 0
    for wire, decoded in recorded():
        yield ["parse"], wire
        aes_key, mac_key = decoded.get("aes_key"), decoded.get("mac_key")
        if not aes_key:
            continue
        data += 1
        yield ["mackey", aes_key], b""
        yield ["readforge", aes_key], wire
        yield ["readforge", aes_key, "I never said that."], b"before " + wire + b" after"
        yield ["readforge", "00" * 16, "nor that"], wire
        yield ["modify", mac_key, "m", "M", "0"], wire
        yield ["modify", mac_key, "message", "MESSAGE", str(chance.randrange(40))], wire
        yield ["modify", "00" * 20, "m", "M", "0"], wire
        yield ["sesskeys", chance.randbytes(40).hex(), decoded["next_y"]], b""
    for _ in range(data):
        aes_key, arguments = made_up(chance)
        mac_key = run(["otr_mackey", aes_key])[1].split()[-1].decode()
        yield ["remac", mac_key, *arguments], b""
        wire = run(["otr_remac", mac_key, *arguments])[1]
        yield ["parse"], b"two: " + wire + b" and " + wire
        yield ["readforge", aes_key, ""], wire
        yield ["modify", mac_key, "secret", "public", str(chance.randrange(200))], wire
    yield ["readforge", "00" * 16], b"no message"
    yield ["readforge", "00"], b"no message"
    yield ["modify", "00" * 20, "a", "bc", "0"], b"no message"
    print(data, "recorded Data messages, and as many made up")
    assert 2 * data >= 200


def main(otr, record=None):
    count, different, kept, seen = 0, 0, [], {}
    for arguments, text in cases(random.Random(1)):
        theirs = run(["otr_" + arguments[0], *arguments[1:]], text)
        ours = run([otr, "toolkit", *arguments], text)
        count += 1
        if theirs != ours:
            different += 1
            print("different:", arguments, text, "libotr:", theirs, "ours:", ours, sep="\n  ")
        seen[arguments[0]] = seen.get(arguments[0], 0) + 1
        if record and seen[arguments[0]] in (1, 2, 3, 7, 20):
            output = theirs[1].decode("latin-1")
            kept.append({"arguments": arguments, "input": text.decode(), "succeeds": theirs[0], "output": output})
    if record:
        pathlib.Path(record).write_text("[\n" + ",\n".join(json.dumps(case) for case in kept) + "\n]\n")
    print(count, "runs,", different, "different")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(arguments[0], arguments[2] if arguments[1:2] == ["--record"] else None)
