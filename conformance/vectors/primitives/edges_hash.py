"""Cases for SHA-1, SHA-256 and their HMACs."""
import hashlib
import hmac

from common import octets


def hash_cases():
    def case(function, name, parts, key=None, repeat=1):
        message = b"".join(parts) * repeat
        if key is None:
            out = hashlib.new(function, message).hexdigest()
        else:
            out = hmac.new(key, message, function.removeprefix("hmac_")).hexdigest()
        record = {"function": function, "name": name, "parts": [part.hex() for part in parts], "out": out}
        record |= {} if key is None else {"key": key.hex()}
        return record | ({} if repeat == 1 else {"repeat": repeat})

    cases = []
    for function in ("sha1", "sha256", "hmac_sha1", "hmac_sha256"):
        key = b"Jefe" if function.startswith("hmac") else None
        message = octets("message", 150)
        for length in (0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129):
            cases.append(case(function, f"length-{length}", [message[:length]], key))
        splits = {
            "no-parts": [],
            "empty-parts": [b"", b"", b""],
            "empty-first": [b"", message],
            "empty-between": [message[:64], b"", message[64:]],
            "empty-last": [message, b""],
            "byte-by-byte": [message[i:i + 1] for i in range(70)],
            "across-blocks": [message[:1], message[1:63], message[63:66], message[66:]],
        }
        cases += [case(function, name, parts, key) for name, parts in splits.items()]
        cases.append(case(function, "a-million-bytes", [b"a" * 999, b"a"], key, repeat=1000))
        if key:
            for length in (0, 1, 20, 32, 63, 64, 65, 127, 128, 129, 200):
                cases.append(case(function, f"key-{length}", [b"what", b" do ya"], octets("key", length)))
            cases.append(case(function, "key-with-zeros", [b"x"], b"Jefe\0"))
    return {"cases": cases}
