"""What the scripts of this folder share: numbers made from labels, and the form of the files."""
import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def number(label, bits):
    """A number of at most `bits` bits that depends on the label only."""
    blocks = (hashlib.sha256(f"{label}/{i}".encode()).digest() for i in range(bits // 256 + 1))
    return int.from_bytes(b"".join(blocks), "big") & ((1 << bits) - 1)


def octets(label, length):
    """Bytes that depend on the label only."""
    return number(label, 8 * length).to_bytes(length, "big")


def wide(n, width):
    """A number as `width` bytes, big-endian, in hexadecimal."""
    return n.to_bytes(width, "big").hex()


def text(record):
    """JSON with one line for each case."""
    def lines(value):
        if isinstance(value, list) and value:
            return "[\n" + ",\n".join("    " + json.dumps(case) for case in value) + "\n  ]"
        return json.dumps(value)
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {lines(value)}" for name, value in record.items()) + "\n}\n"


def finish(records, arguments, usage):
    """Writes each record into the file of its name, or with --check compares; returns the exit status."""
    if arguments not in ([], ["--check"]):
        sys.exit(usage)
    status = 0
    for name, record in records.items():
        path, content = HERE / f"{name}.json", text(record)
        if not arguments:
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            print(f"{path.name} differs", file=sys.stderr)
            status = 1
    return status
