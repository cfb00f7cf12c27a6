"""Check a round of drand's quicknet, with Python 3.9 or later and nothing else.

Signatures of the scheme ``bls-unchained-g1-rfc9380`` are points of G1 of BLS12-381, keys are points of G2:
a signature s of a message m under a key k is right if e(s, g2) = e(H(m), k). Points are pairs of elements of
the field of p^2 elements, which are pairs (a, b) for a + b i; ``None`` is the point at infinity.
"""

from __future__ import annotations

import hashlib

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
# The absolute value of the parameter of the curve, from which everything else follows.
PARAMETER = 0xD201000000010000
DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2 = bytes.fromhex(
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)

Element = tuple[int, int]
Point = tuple[Element, Element]


def times(one: Element, two: Element) -> Element:
    """Multiply two elements."""
    (a, b), (c, d) = one, two
    return (a * c - b * d) % P, (a * d + b * c) % P


def minus(one: Element, two: Element) -> Element:
    """Subtract an element from another."""
    return (one[0] - two[0]) % P, (one[1] - two[1]) % P


def over(one: Element, two: Element) -> Element:
    """Divide an element by another."""
    a, b = two
    inverse = pow(a * a + b * b, -1, P)
    return times(one, (a * inverse % P, -b * inverse % P))


def power(one: Element, exponent: int) -> Element:
    """Raise an element to a power."""
    raised = (1, 0)
    for bit in f"{exponent:b}":
        raised = times(raised, raised)
        if bit == "1":
            raised = times(raised, one)
    return raised


def root(square: Element) -> Element | None:
    """Return a square root, nothing if there is none (Adj and Rodríguez-Henríquez, 2012, algorithm 9)."""
    start = power(square, (P - 3) // 4)
    candidate = times(start, square)
    norm = times(start, candidate)
    if norm == (P - 1, 0):
        candidate = times((0, 1), candidate)
    else:
        candidate = times(candidate, power((norm[0] + 1, norm[1]), (P - 1) // 2))
    return candidate if times(candidate, candidate) == square else None


def slope(one: Point, two: Point) -> Element:
    """Return the slope of the line through two points, or of the tangent at one."""
    (x, y), (u, v) = one, two
    if one == two:
        return over(times((3, 0), times(x, x)), times((2, 0), y))
    return over(minus(v, y), minus(u, x))


def add(one: Point | None, two: Point | None) -> Point | None:
    """Add two points of one curve without the x term."""
    if one is None or two is None:
        return one or two
    (x, y), (u, v) = one, two
    if x == u and (y != v or y == (0, 0)):
        return None
    line = slope(one, two)
    third = minus(minus(times(line, line), x), u)
    return third, minus(times(line, minus(x, third)), y)


def multiple(point: Point | None, scalar: int) -> Point | None:
    """Multiply a point."""
    total = None
    for bit in f"{scalar:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def decode(data: bytes) -> Point | None:
    """Read a compressed point of prime order, of 48 bytes in G1 or 96 in G2, nothing if it is none of them.

    The encoding is that of appendix C of draft-irtf-cfrg-pairing-friendly-curves.
    """
    flags, first, rest = data[0] >> 5, bytes([data[0] & 31]) + data[1:48], data[48:]
    x = (int.from_bytes(rest, "big"), int.from_bytes(first, "big"))
    if not rest:
        x = (x[1], 0)
    cube = times(times(x, x), x)
    y = root(((cube[0] + 4) % P, (cube[1] + 4 * bool(rest)) % P))
    # Compressed and not at infinity; of the two roots, the sign bit marks the larger one.
    if flags not in (4, 5) or max(x) >= P or y is None or (not rest and y[1]):
        return None
    if ((y[1] or y[0]) > P // 2) != (flags == 5):
        y = minus((0, 0), y)
    return (x, y) if multiple((x, y), ORDER) is None else None


def expand(message: bytes, domain: bytes, size: int) -> bytes:
    """Stretch a message to ``size`` bytes (RFC 9380, section 5.3.1, with SHA-256)."""
    domain += bytes([len(domain)])
    start = hashlib.sha256(bytes(64) + message + size.to_bytes(2, "big") + b"\0" + domain).digest()
    block, stretched = bytes(32), b""
    for number in range(1, -(-size // 32) + 1):
        mixed = bytes(one ^ two for one, two in zip(start, block))
        block = hashlib.sha256(mixed + bytes([number]) + domain).digest()
        stretched += block
    return stretched[:size]


# RFC 9380, section 8.8.1: the curve y^2 = x^3 + A x + B that is 11-isogenous to G1's.
A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
Z = 11
# The polynomial whose roots are the abscissas of the isogeny's kernel, lowest coefficient first: its square
# is the denominator of x in appendix E.2.
KERNEL = (
    0x133341FB0962A34CB0504A9C4FADA0A5090D38679B4C040D5D1C3AFB023A3409FCC0815FEA66D8B02BBEF9C8B5A66E07,
    0x264908AF037BCEDE00D054CF5D4775E83EB6CF63C76B969F8ED174FB59FCFF78D201F46F6CFC4ED6552E59CE75177B0,
    0x1335C502C1F54C49ACEEA65E87FD7203BA0F626F305FC0CFD606A5DAE9F3C8E81A4B3B69600129FABD307C69BF319D39,
    0x94440F65F408A6E930E16E3E92DD17BF60D6E9679A8D3D58593DE55AC23703042D609537EB3549AAC234D896CA82944,
    0x4AFE09D5CF4956A23B6B71F59D2B3407B415A774B7BE81BBB6FA99CBC798E0AC98BA725A5BC328016B1C268B4766E85,
    1,
)


def to_curve(u: int) -> Point | None:
    """Map a number to G1's curve (RFC 9380, section 6.6.3)."""
    spread = Z * u * u % P
    bend = (spread * spread + spread) % P
    x = -B * pow(A, -1, P) * (1 + pow(bend, -1, P)) % P if bend else B * pow(Z * A, -1, P) % P
    square = (x * x * x + A * x + B) % P
    if pow(square, (P - 1) // 2, P) == P - 1:
        x = spread * x % P
        square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if (y ^ u) & 1:
        y = P - y
    return isogeny(x, y)


def isogeny(x: int, y: int) -> Point | None:
    """Map a point to G1's curve by the isogeny of appendix E.2; those of its kernel go to infinity.

    An isogeny of odd degree n whose kernel has the polynomial h sends x to
    n x - 2 s - 2 f' h'/h - 4 f (h'/h)', with f = x^3 + A x + B and s the sum of the roots of h, and y to y
    times the derivative of that (Kohel, "Endomorphism rings of elliptic curves over finite fields", 1996,
    section 2.4). Dividing by n^2 and n^3 leads to the curve itself.
    """
    derivatives = []
    coefficients = list(KERNEL)
    for _ in range(4):
        derivatives.append(sum(one * pow(x, place, P) for place, one in enumerate(coefficients)))
        coefficients = [place * one for place, one in enumerate(coefficients)][1:]
    if derivatives[0] % P == 0:
        return None
    inverse = pow(derivatives[0], -1, P)
    one, two, three = (value * inverse % P for value in derivatives[1:])
    # h'/h and its two derivatives, then f and its two.
    ratios = (one, two - one * one, three - 3 * one * two + 2 * one**3)
    cubic = (x**3 + A * x + B, 3 * x * x + A, 6 * x)
    image = 11 * x + 2 * KERNEL[4] - 2 * cubic[1] * ratios[0] - 4 * cubic[0] * ratios[1]
    change = 11 - 2 * cubic[2] * ratios[0] - 6 * cubic[1] * ratios[1] - 4 * cubic[0] * ratios[2]
    return (image * pow(121, -1, P) % P, 0), (y * change * pow(1331, -1, P) % P, 0)


def hash_to_curve(message: bytes, domain: bytes = DOMAIN) -> Point | None:
    """Map a message to a point of G1 (RFC 9380, section 3)."""
    data = expand(message, domain, 128)
    first, second = (to_curve(int.from_bytes(part, "big") % P) for part in (data[:64], data[64:]))
    return multiple(add(first, second), PARAMETER + 1)


# An element of the field of p^12 elements is a polynomial in w of degree below 12, where w^12 = 2 w^6 - 2
# and i = w^6 - 1. Its coefficients stand in one large number, so that one product multiplies polynomials.
WIDTH = 800
MASK = (1 << WIDTH) - 1


def pack(coefficients: list[int]) -> int:
    """Lay coefficients side by side."""
    return int.from_bytes(b"".join([one.to_bytes(WIDTH // 8, "little") for one in coefficients]), "little")


def product(one: int, two: int) -> int:
    """Multiply two elements of the field of p^12 elements."""
    whole = one * two
    terms = [whole >> WIDTH * place & MASK for place in range(23)] + [0]
    for place in range(23, 11, -1):
        terms[place - 6] += 2 * terms[place]
        terms[place - 12] -= 2 * terms[place]
    return pack([term % P for term in terms[:12]])


def miller(point: Point, key: Point) -> int:
    """Return the value of the ate pairing before its last power, up to a factor that this power removes."""
    value, moving = 1, key
    (x, _), (y, _) = point

    def line(other: Point) -> int:
        """Evaluate the line through two points of the twist at the point of G1, times w^3."""
        steep = slope(moving, other)
        a, b = minus(times(steep, moving[0]), moving[1])
        c, d = times(steep, (-x % P, 0))
        return pack([(a - b) % P, 0, (c - d) % P, y, 0, 0, b, 0, d, 0, 0, 0])

    # Points of prime order meet infinity only at the end of their order: `or` is for the type alone.
    for bit in f"{PARAMETER:b}"[1:]:
        value = product(product(value, value), line(moving))
        moving = add(moving, moving) or key
        if bit == "1":
            value = product(value, line(key))
            moving = add(moving, key) or key
    return value


def check(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature on G1 is right.

    Parameters
    ----------
    public_key : bytes
        Compressed point of G2, 96 bytes.
    message : bytes
        Of an unchained round: the SHA-256 of its number as eight bytes, the highest first.
    signature : bytes
        Compressed point of G1, 48 bytes.
    """
    sizes = (len(public_key), len(signature)) == (96, 48)
    key, point = (decode(public_key), decode(signature)) if sizes else (None, None)
    base, hashed = decode(G2), hash_to_curve(message)
    if key is None or point is None or base is None or hashed is None:
        return False
    # e(s, g2) e(-H(m), k) = 1; the sign of the curve's parameter would only turn both sides over.
    pairs = product(miller(point, base), miller((hashed[0], minus((0, 0), hashed[1])), key))
    raised = 1
    for bit in f"{(P**12 - 1) // ORDER:b}":
        raised = product(raised, raised)
        if bit == "1":
            raised = product(raised, pairs)
    return raised == 1
