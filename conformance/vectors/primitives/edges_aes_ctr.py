"""AES-128 in counter mode: a textbook cipher by FIPS 197, and cases for its counter."""
from common import number, octets, wide


def times(a, b):
    """Product in GF(2^8)."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def s_box(value):
    inverse = next((b for b in range(256) if times(value, b) == 1), 0)
    rotations = (inverse << shift | inverse >> 8 - shift for shift in range(1, 5))
    return (inverse ^ 0x63 ^ next(rotations) ^ next(rotations) ^ next(rotations) ^ next(rotations)) & 0xFF


S_BOX = [s_box(value) for value in range(256)]


def aes_block(key, block):
    words, constant = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = [S_BOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = times(constant, 2)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    round_keys = [sum(words[i:i + 4], []) for i in range(0, 44, 4)]
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for round_number, round_key in enumerate(round_keys[1:], 1):
        state = [S_BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if round_number < 10:
            mixed = ((state[i & 12 | i + n & 3] for n in range(4)) for i in range(16))
            state = [times(a, 2) ^ times(b, 3) ^ c ^ d for a, b, c, d in mixed]
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


assert aes_block(bytes(range(16)), bytes(i * 17 for i in range(16))).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


def aes_ctr_cases():
    def case(name, counter, length, key=octets("aes key", 16)):
        data = octets("aes data", length)
        blocks = ((counter + i) % (1 << 128) for i in range(length // 16 + 1))
        stream = b"".join(aes_block(key, block.to_bytes(16, "big")) for block in blocks)
        out = bytes(a ^ b for a, b in zip(data, stream))
        return {"name": name, "key": key.hex(), "counter": wide(counter, 16), "data": data.hex(), "out": out.hex()}

    cases = [case(f"length-{n}", 0, n) for n in (0, 1, 15, 16, 17, 31, 32, 33, 127, 128, 129, 255, 257, 1000)]
    for bits in (8, 16, 32, 48, 64, 72, 96, 112, 120, 127, 128):
        top = number(f"aes counter {bits}", 128) >> bits << bits
        cases.append(case(f"carry-into-bit-{bits}", top + (1 << bits) - 1, 48))
        cases.append(case(f"carry-into-bit-{bits}-in-the-ninth-block", top + (1 << bits) - 8, 160))
    cases.append(case("otr-data-counter", 1 << 64, 100))
    cases.append(case("otr-data-counter-last", (1 << 128) - (1 << 64), 100))
    cases += [case(f"key-of-{byte:02x}", 0, 33, bytes([byte]) * 16) for byte in (0, 255)]
    return {"cases": cases}
