"""DSA with 1024/160-bit numbers: keys sound and unsound, signatures, and 32-byte MACs reduced modulo q."""
import itertools
import math

from common import number, wide

SMALL_PRIMES = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, 45, 2) if d < n))


def is_prime(n):
    """Miller and Rabin, 24 rounds."""
    if n % 2 == 0 or math.gcd(n, SMALL_PRIMES) != 1 or pow(2, n - 1, n) != 1:
        return False
    twos = ((n - 1) & (1 - n)).bit_length() - 1
    for i in range(24):
        power = pow(number(f"witness {i}", 1024) % (n - 3) + 2, n >> twos, n)
        seen = list(itertools.accumulate(range(twos), lambda power, _: power * power % n, initial=power))
        if power != 1 and n - 1 not in seen[:twos]:
            return False
    return True


def first_prime(candidates):
    return next(n for n in candidates if is_prime(n))


def modulus(divisor, label):
    """A prime of 1024 bits that is 1 modulo the divisor."""
    factor = 2 * divisor
    start = (0xC5 << 1016 | number(label, 1016)) // factor
    return first_prime(n * factor + 1 for n in itertools.count(start))


def power_of_order(p, q, label, group_order=None):
    """An element of order q: the cofactor's power of some number."""
    cofactor = (group_order or p - 1) // q
    return next(g for i in itertools.count() if (g := pow(number(f"{label} {i}", 1023), cofactor, p)) > 1)


def broken(p, q, g, y):
    """At which check which number is the first at fault, in the order of otr_traits::Dsa; none if the key is sound."""
    conditions = [
        ("new", "P", lambda: p.bit_length() == 1024 and p % 2),
        ("new", "Q", lambda: q.bit_length() == 160 and q % 2),
        ("new", "G", lambda: 1 < g < p),
        ("new", "Y", lambda: 1 < y < p),
        ("orders", "Q", lambda: (p - 1) % q == 0),
        ("orders", "G", lambda: pow(g, q, p) == 1),
        ("orders", "Y", lambda: pow(y, q, p) == 1),
        ("primality", "P", lambda: is_prime(p)),
        ("primality", "Q", lambda: is_prime(q)),
    ]
    return next(((check, fault) for check, fault, holds in conditions if not holds()), (None, None))


def key_case(name, p, q, g, y):
    check, fault = broken(p, q, g, y)
    numbers = {"p": wide(p, 128), "q": wide(q, 20), "g": wide(g, 128), "y": wide(y, 128)}
    return {"name": name} | numbers | ({"check": check, "fault": fault} if check else {})


def verifies(domain, y, z, r, s):
    p, q, g = domain
    if not (0 < r < q and 0 < s < q):
        return False
    w = pow(s, -1, q)
    return pow(g, z * w % q, p) * pow(y, r * w % q, p) % p % q == r


def sign(domain, x, z, k):
    p, q, g = domain
    r = pow(g, k, p) % q
    return r, pow(k, -1, q) * (z + x * r) % q


def dsa_cases():
    # q is near three quarters of 2^160: far enough from a power of two that a careless nonce shows its bias.
    q = first_prime(itertools.count(0xC0 << 152 | number("q", 152) | 1, 2))
    p = modulus(q, "p")
    g = power_of_order(p, q, "g")
    domain = (p, q, g)
    x = number("x", 159)
    y = pow(g, x, p)
    short_x = next(x for x in itertools.count(number("short", 158)) if pow(g, x, p) < 2**1016)
    xs = {"full": x, "short-y": short_x, "x-1": 1, "x-2": 2, "x-q-minus-1": q - 1, "x-short": number("x short", 100)}
    ys = {name: pow(g, x, p) for name, x in xs.items()}

    def pair(name, x, y, valid=True):
        return {"name": name, "domain": "generated", "x": wide(x, 20), "y": wide(y, 128), "valid": valid}

    pairs = [pair(name, x, ys[name]) for name, x in xs.items()]
    wrong = {"x-zero": (0, y), "x-q": (q, y), "x-ones": (2**160 - 1, y), "x-plus-1": (x + 1, y), "negated": (q - x, y),
             "of-another-pair": (short_x, y), "y-negated": (x, p - y), "x-plus-q": (x % (2**160 - q) + q, pow(g, x % (2**160 - q), p))}
    pairs += [pair(f"wrong-{name}", *numbers, valid=False) for name, numbers in wrong.items()]

    def case(name, m, signature, x=x, valid=True):
        r, s = signature
        assert verifies(domain, pow(g, x, p), m % q, r, s) == valid, name
        return {"name": name, "domain": "generated", "y": wide(pow(g, x, p), 128), "m": wide(m, 32),
                "r": wide(r, 20), "s": wide(s, 20), "valid": valid}

    messages = {"zero": 0, "one": 1, "ones": 2**256 - 1, "q-minus-1": q - 1, "q": q, "q-plus-1": q + 1,
                "twice-q": 2 * q, "largest-multiple": 2**256 // q * q, "one-less": 2**256 // q * q - 1,
                "2-to-160": 2**160, "160-ones": 2**160 - 1, "top-bit": 2**255, "high-half": (2**128 - 1) << 128,
                "high-96": (2**96 - 1) << 160, "low-96": 2**96 - 1, "short": number("short message", 200)}
    messages |= {f"any-{i}": number(f"message {i}", 256) for i in range(6)}
    reductions = [{"name": name, "domain": "generated", "m": wide(m, 32), "z": wide(m % q, 20)}
                  for name, m in messages.items()]
    verifications = []
    for i, (name, m) in enumerate(messages.items()):
        x_name = list(xs)[i % len(xs)]
        k = number(f"nonce {name}", 159) | 1
        verifications.append(case(f"mac-{name}-by-{x_name}", m, sign(domain, xs[x_name], m % q, k), xs[x_name]))
        if m % q != (m >> 96) % q:
            truncated = sign(domain, xs[x_name], m >> 96, k)
            verifications.append(case(f"truncated-{name}-by-{x_name}", m, truncated, xs[x_name], valid=False))

    m = next(m for i in itertools.count() if sign(domain, x, (m := number(f"m {i}", 256)) % q, i + 3)[0] + q < 2**160)
    k = next(k for k in itertools.count(3) if all(n + q < 2**160 for n in sign(domain, x, m % q, k)))
    r, s = sign(domain, x, m % q, k)
    ones = 2**160 - 1
    for name, signature in {
        "r-zero": (0, s), "s-zero": (r, 0), "both-zero": (0, 0), "r-q": (q, s), "s-q": (r, q), "both-q": (q, q),
        "r-plus-q": (r + q, s), "s-plus-q": (r, s + q), "both-plus-q": (r + q, s + q), "r-ones": (ones, s),
        "s-ones": (r, ones), "r-negated": (q - r, s), "s-negated": (r, q - s), "swapped": (s, r), "r-one": (1, s),
        "s-one": (r, 1), "r-one-s-zero": (1, 0), "r-one-s-q": (1, q), "r-zero-s-one": (0, 1), "r-q-s-one": (q, 1),
        "r-bit-0": (r ^ 1, s), "r-bit-159": (r ^ 1 << 159, s), "s-bit-0": (r, s ^ 1), "s-bit-159": (r, s ^ 1 << 159),
        "r-q-plus-1-s-q": (q + 1, q),
    }.items():
        verifications.append(case(f"refused-{name}", m, signature, valid=False))
    verifications.append(case("base-of-the-refused", m, (r, s)))
    verifications += [case(f"refused-mac-bit-{bit}", m ^ 1 << bit, (r, s), valid=False) for bit in (0, 95, 96, 159, 160, 255)]
    verifications += [case(f"refused-key-{name}", m, (r, s), other, valid=False) for name, other in xs.items() if other != x]
    for name, m in {"zero": 0, "q": q}.items():
        verifications.append(case(f"z-zero-forged-of-y-{name}", m, (y % q, y % q)))
    for k_name, k in {"one": 1, "two": 2, "q-minus-1": q - 1, "half-q": q // 2, "2-to-159": 2**159}.items():
        verifications.append(case(f"nonce-{k_name}", messages["any-0"], sign(domain, x, messages["any-0"] % q, k)))
    r = pow(g, 5, p) % q
    for s_name, s in {"one": 1, "two": 2, "q-minus-1": q - 1, "short": number("s", 96)}.items():
        z = (5 * s - x * r) % q  # the MAC that makes s what is wanted; above q, so that it must be reduced
        verifications.append(case(f"s-{s_name}", z + q * number("multiple", 95), (r, s)))
    for zeros in (1, 2):
        k = next(k for k in itertools.count(3) if pow(g, k, p) % q >> 160 - 8 * zeros == 0)
        m = messages["any-1"]
        verifications.append(case(f"r-leading-zeros-{zeros}", m, sign(domain, x, m % q, k)))
    m = next(m for i in itertools.count() if sign(domain, x, (m := number(f"short s {i}", 256)) % q, 7)[1] >> 152 == 0)
    verifications.append(case("s-leading-zero", m, sign(domain, x, m % q, 7)))

    return {"domains": {"generated": {"p": wide(p, 128), "q": wide(q, 20), "g": wide(g, 128)}},
            "reduce": reductions, "verify": verifications, "validate": key_cases(p, q, g, y, ys["short-y"]), "pairs": pairs}


def key_cases(p, q, g, y, short_y):
    outsider = next(n for n in itertools.count(3) if pow(n, q, p) != 1 and pow(n, (p - 1) // 2, p) != 1)
    cases = [key_case("sound", p, q, g, y), key_case("sound-y-short", p, q, g, short_y), key_case("sound-y-is-g", p, q, g, g)]
    for name, n in {"zero": 0, "one": 1, "p": p, "p-plus-1": p + 1, "ones": 2**1024 - 1, "p-minus-1": p - 1,
                    "outsider": outsider, "negated": p - y}.items():
        cases += [key_case(f"g-{name}", p, q, n, y), key_case(f"y-{name}", p, q, g, n)]
    cases += [key_case("p-even", p + 1, q, g, y), key_case("p-short", p - 2**1023, q, g % 2**1000, y % 2**1000),
              key_case("p-zero", 0, q, g, y), key_case("q-even", p, q + 1, g, y), key_case("q-short", p, q - 2**159, g, y),
              key_case("q-zero", p, 0, g, y), key_case("q-one", p, 1, g, y), key_case("q-two-more", p, q + 2, g, y)]
    other = first_prime(itertools.count(q + 2, 2))
    cases.append(key_case("q-another-prime", p, other, g, y))

    # q = a (2a - 1): both factors prime, the kind of number that deceives Miller and Rabin most often.
    a = next(a for a in itertools.count(0xB1 << 72 | number("a", 72) | 1, 2) if is_prime(a) and is_prime(2 * a - 1))
    assert (a * (2 * a - 1)).bit_length() == 160
    composite = modulus(a * (2 * a - 1), "p of composite q")
    h, w = (next(n for i in itertools.count() for n in [pow(number(f"{l} {i}", 1000), composite // (a * (2 * a - 1)), composite)]
                 if pow(n, a, composite) != 1 and pow(n, 2 * a - 1, composite) != 1) for l in "hw")
    cases.append(key_case("q-composite", composite, a * (2 * a - 1), h, w))

    # As above, but the second factor does not divide p - 1: every other condition of the orders holds.
    b = first_prime(itertools.count(0xF3 << 72 | number("b", 72) | 1, 2))
    cases.append(key_case("q-does-not-divide", composite, a * b, power_of_order(composite, a, "h"), power_of_order(composite, a, "w")))

    # p = c (2c - 1) with q dividing c - 1: everything holds, but p is not prime.
    c = next(c for n in itertools.count((0xB3 << 504) // (2 * q)) if is_prime(c := 2 * q * n + 1) and is_prime(2 * c - 1))
    n = c * (2 * c - 1)
    g, y = (power_of_order(n, q, label, 2 * (c - 1)) for label in "gy")
    cases.append(key_case("p-composite", n, q, g, y))
    return cases
