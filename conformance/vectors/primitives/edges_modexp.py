"""The group of RFC 3526 and cases for arithmetic in it."""
import math

from common import number, wide

def pi(bits):
    """Floor of pi * 2^bits, by Machin's formula."""
    def arctan_of_inverse(n):
        term = total = (1 << bits + 32) // n
        divisor, sign = 1, 1
        while term:
            term //= n * n
            divisor, sign = divisor + 2, -sign
            total += sign * (term // divisor)
        return total
    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239)) >> 32


P = 2**1536 - 2**1472 - 1 + 2**64 * (pi(1406) + 741804)
Q = P // 2
ONES = 2**1536 - 1


def modexp_cases():
    def h(n):  # a number, without leading zero bytes
        return wide(n, (n.bit_length() + 7) // 8)

    def x(n, width=192):  # an exponent, in its width
        return wide(n, width)

    def product(name, *terms):
        result = math.prod(pow(base, int(exponent or "0", 16), P) for base, exponent in terms) % P
        terms = [{"base": h(base), "exponent": exponent} for base, exponent in terms]
        return {"name": name, "terms": terms, "out": h(result)}

    def binary(name, a, b, out):
        return {"name": name, "a": h(a), "b": h(b)} | ({} if out is None else {"out": h(out % P)})

    def element(label):  # of the subgroup of order q
        return pow(number(label, 1536), 2, P)

    def root(power, exponent):  # the base which, raised to the exponent, is this power
        return pow(power, pow(exponent, -1, Q), P)

    dh, smp, scalar = number("dh", 320) | 1 << 319, number("smp", 1536), number("c", 256) | 1
    y, z = element("y"), element("z")
    outsider = next(n for n in range(3, 99) if pow(n, Q, P) != 1)

    bases = {"g": 2, "element": y, "outside-the-subgroup": outsider, "one": 1, "p-minus-1": P - 1, "zero": 0,
             "p": P, "p-plus-1": P + 1, "p-plus-g": P + 2, "ones": ONES}
    exponents = {"320-bits": x(dh, 40), "1536-bits": x(smp), "zero": x(0), "q": x(Q)}
    products = [product(f"{base}-to-{name}", (bases[base], e)) for base in bases for name, e in exponents.items()]
    exponents = {"empty": "", "one-zero-byte": "00", "one": "01", "two": "02", "256-bits": x(scalar, 32),
                 "q-minus-1": x(Q - 1), "q-plus-1": x(Q + 1), "p-minus-2": x(P - 2), "p-minus-1": x(P - 1),
                 "p": x(P), "ones": x(ONES), "zero-320-bits": x(0, 40), "one-320-bits": x(1, 40),
                 "leading-zeros-40-of-192": x(dh), "leading-zero-320-bits": x(dh >> 12, 40), "255": x(255, 1),
                 "256-one-bits": x(2**256 - 1, 32), "a-single-bit": x(2**319, 40), "41-bytes": x(dh << 3, 41)}
    products += [product(f"{base}-to-{name}", (bases[base], e))
                 for base in ("g", "element") for name, e in exponents.items()]
    # The width says how many bits there may be: what a table or a window does at either end of it.
    for bits in (160, 256, 320, 1536):
        for zeros in (0, 1, 5, 8, 65):
            e = x(number("bounded", bits - zeros) | 1 << bits - zeros - 1, bits // 8)
            products += [product(f"{base}-to-{bits}-bits-{zeros}-zero", (bases[base], e)) for base in ("g", "element")]
    for bit in (0, 63, 64, 159, 160, 319, 320, 383, 384, 1151, 1152, 1471, 1472, 1534, 1535):
        products += [product(f"{base}-to-bit-{bit}-of-1536", (bases[base], x(1 << bit))) for base in ("g", "element")]
    e = next(e for e in range(dh, dh + 2**20) if pow(2, e, P) >> 1528 == 0)
    products.append(product("g-leading-zero-1", (2, x(e, 40))))
    for zeros in (1, 2, 3, 8, 9, 96, 191):
        power = next(n for n in range(3 << 1534 - 8 * zeros, ONES) if pow(n, Q, P) == 1)
        products.append(product(f"leading-zero-{zeros}", (root(power, dh | 1), x(dh | 1, 40))))
    products += [
        product("no-terms"),
        product("two-terms-dh", (2, x(dh, 40)), (y, x(dh >> 1, 40))),
        product("two-terms-mixed-widths", (2, x(smp)), (y, x(scalar, 32))),
        product("two-terms-mixed-widths-swapped", (y, x(scalar, 32)), (2, x(smp))),
        product("two-terms-same-base", (y, x(smp)), (y, x(dh, 40))),
        product("two-terms-same-base-g", (2, x(smp)), (2, x(scalar, 32))),
        product("two-terms-cancel", (y, x(dh, 40)), (y, x(Q - dh))),
        product("two-terms-cancel-first-powers", (y, "01"), (pow(y, -1, P), "01")),
        product("two-terms-first-exponent-zero", (y, x(0, 40)), (z, x(dh, 40))),
        product("two-terms-second-exponent-zero", (y, x(dh, 40)), (z, x(0, 40))),
        product("two-terms-both-zero", (y, x(0, 40)), (z, x(0))),
        product("two-terms-one-empty", (y, ""), (z, x(scalar, 32))),
        product("two-terms-base-zero", (0, x(dh, 40)), (z, x(dh, 40))),
        product("two-terms-base-p-minus-1", (P - 1, x(dh | 1, 40)), (z, x(scalar, 32))),
        product("two-terms-base-not-reduced", (P + 2, x(dh, 40)), (ONES, x(scalar, 32))),
        product("two-terms-leading-zero-8", (2, x(smp)), (root(4**725 * pow(2, -smp, P) % P, dh | 1), x(dh | 1, 40))),
        product("three-terms-proof", (2, x(smp)), (y, x(dh, 40)), (z, x(scalar, 32))),
        product("three-terms-widths-rising", (y, x(scalar, 32)), (z, x(dh, 40)), (2, x(smp))),
        product("three-terms-all-1536", (y, x(ONES)), (z, x(smp)), (2, x(Q - 1))),
        product("three-terms-same-base", (y, x(smp)), (y, x(dh, 40)), (y, x(scalar, 32))),
        product("three-terms-middle-zero", (y, x(smp)), (z, x(0, 40)), (2, x(scalar, 32))),
        product("four-terms-of-one-base", (y, x(smp)), (y, x(dh, 40)), (y, x(scalar, 32)), (y, x(ONES))),
        product("four-terms-all-widths", (y, x(number("u", 160), 20)), (z, x(scalar, 32)), (2, x(dh, 40)), (y, x(smp))),
        product("four-terms-leading-zeros", (y, x(3, 20)), (z, x(scalar >> 9, 32)), (2, x(dh >> 65, 40)), (y, x(dh))),
        product("four-terms-widths-falling", (z, x(ONES)), (y, x(2**320 - 1, 40)), (2, x(2**160 - 1, 20)), (z, "")),
        product("five-terms", (2, "03"), (y, "05"), (z, x(dh, 40)), (outsider, x(scalar, 32)), (P - 1, "01")),
    ]
    pairs = {"elements": (y, z), "square": (y, y), "one": (y, 1), "zero": (y, 0), "p": (y, P), "g": (2, y),
             "p-minus-1-squared": (P - 1, P - 1), "inverse": (y, pow(y, -1, P)), "ones": (ONES, ONES), "small": (2, 3),
             "p-plus-1": (y, P + 1), "leading-zeros-8": (y, 4**720 * pow(y, -1, P) % P), "not-reduced": (P + 5, z)}
    muls = [binary(name, a, b, a * b) for name, (a, b) in pairs.items()]
    pairs = {"elements": (y, z), "itself": (y, y), "by-one": (y, 1), "by-p-minus-1": (y, P - 1), "one-by": (1, y),
             "zero-by": (0, y), "by-g": (y, 2), "by-p-plus-1": (y, P + 1), "p-by": (P, y), "by-ones": (y, ONES),
             "ones-by": (ONES, y), "one-by-g": (1, 2), "leading-zeros-8": (4**720 * y % P, y),
             "by-zero": (y, 0), "by-p": (y, P), "zero-by-zero": (0, 0)}
    divs = [binary(name, a, b, a * pow(b, -1, P) if b % P else None) for name, (a, b) in pairs.items()]

    def response(name, r, secret, c):
        out = (int(r or "0", 16) - int(secret or "0", 16) * int(c or "0", 16)) % Q
        return {"name": name, "r": r, "x": secret, "c": c, "out": h(out)}

    r, s, c = number("r", 1536), number("s", 1536), x(scalar, 32)
    small = {"zero": 0, "one": 1, "q-minus-1": Q - 1, "q": Q, "q-plus-1": Q + 1, "ones": ONES}
    responses = [response("1536-bits", x(r), x(s), c), response("256-bit-secret", x(r), c, c),
                 response("no-wrap", x(Q - 1), x(3), "05"), response("wrap-by-1", x(14), x(3), "05"),
                 response("no-difference", x(s * scalar % Q), x(s), c), response("empty", "", "", ""),
                 response("leading-zero-8", x((s * scalar + 2**1470) % Q), x(s), c),
                 response("leading-zeros-191", x((s * scalar + 7) % Q), x(s), c),
                 response("short-widths", x(3, 1), x(5, 2), x(7, 3)), response("wide-c", x(r), x(s), x(smp))]
    for name, n in small.items():
        responses += [response(f"r-{name}", x(n), x(s), c), response(f"x-{name}", x(r), x(n), c),
                      response(f"c-{name}", x(r), x(s), x(n)), response(f"all-{name}", x(n), x(n), x(n)),
                      response(f"r-{name}-alone", x(n), x(0), x(0))]

    def exponent_product(name, a, b):
        return {"name": name, "a": a, "b": b, "out": h(int(a or "0", 16) * int(b or "0", 16) % (P - 1))}

    values = {"zero": x(0), "one": "01", "q": x(Q), "p-minus-2": x(P - 2), "p-minus-1": x(P - 1), "p": x(P),
              "ones": x(ONES), "320-bits": x(dh, 40), "1536-bits": x(smp), "empty": ""}
    exponent_products = [exponent_product(f"{m}-{n}", values[m], values[n])
                         for m in values for n in dict.fromkeys((m, "320-bits", "1536-bits"))]
    exponent_products += [exponent_product("q-times-2", x(Q), "02"), exponent_product("half-zeros", x(0), x(dh, 40)),
                          exponent_product("leading-zeros", x(pow(dh | 1, -1, Q)), x(dh | 1, 40))]
    return {"group": {"p": h(P), "q": h(Q), "g": h(2)}, "product": products, "mul": muls, "div": divs,
            "response": responses, "exponent_product": exponent_products}
