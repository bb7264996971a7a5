"""Writes tests/vectors/exponential.txt: the buckets of exponential histograms.

Each line is a value (as the hexadecimal bits of a double), a scale, the index
of the bucket (base ** index, base ** (index + 1)] it belongs to, with
base = 2 ** (2 ** -scale), and the index of what is less by 2 ** -29 of it. Scales above 0 are computed with 60 digits, which
decides each of these values: only powers of two lie on a boundary, and those
are computed from their exponent. Subnormal values count as the smallest normal
one, as the specification allows.

    python tests/oracle/make_exponential.py
"""

import decimal
import math
import pathlib
import random
import struct
from fractions import Fraction

decimal.getcontext().prec = 60
LN2 = decimal.Decimal(2).ln()
SMALLEST = Fraction(1, 2**1022)
LESS = 1 - Fraction(1, 2**29)
OUT = pathlib.Path(__file__).parent.parent / 'vectors' / 'exponential.txt'


def exponent_of(value: Fraction) -> int:
    """The e of 2 ** e <= value < 2 ** (e + 1)."""
    e = value.numerator.bit_length() - value.denominator.bit_length()
    return e if Fraction(2) ** e <= value else e - 1


def index_of(value: Fraction, scale: int) -> int:
    value = max(value, SMALLEST)
    e = exponent_of(value)
    mantissa = value / Fraction(2) ** e
    if scale <= 0:
        index = e - 1 if mantissa == 1 else e
        return index // 2 ** -scale
    if mantissa == 1:
        return e * 2 ** scale - 1
    digits = decimal.Decimal(mantissa.numerator) / mantissa.denominator
    exact = digits.ln() / LN2 * 2 ** scale
    whole = math.ceil(exact)
    assert abs(exact - round(exact)) > decimal.Decimal(10) ** -40
    return e * 2 ** scale + whole - 1


def bits_of(value: float) -> int:
    return struct.unpack('<Q', struct.pack('<d', value))[0]


def main() -> None:
    numbers = random.Random(20)
    values = {1, 2, 3, (1 << 52) - 1, 1 << 52, (1 << 52) + 1, 0x7FEFFFFFFFFFFFFF}
    for e in (*range(-1022, 1024, 93), *range(-4, 5), 1023):
        power = bits_of(2.0 ** e)
        values |= {power - 1, power, power + 1}
    for e in range(1, 2047, 8):
        values.add(e << 52 | numbers.getrandbits(52))
    for width in range(1, 53, 5):
        values.add(numbers.getrandbits(width) | 1)
    for scale in (1, 2, 3, 20):   # beside the boundaries within (1, 2)
        for i in range(1, 8):
            beside = bits_of(2.0 ** (i / 2 ** scale))
            values |= {beside - 1, beside, beside + 1}
    lines = ['# Made by tests/oracle/make_exponential.py: value, scale, index, index of less.']
    for bits in sorted(values):
        value = Fraction(struct.unpack('<d', struct.pack('<Q', bits))[0])
        for scale in sorted({20, 0, -10, *numbers.sample(range(-9, 20), 5)}):
            indices = [index_of(v, scale) for v in (value, value * LESS)]
            lines.append(f'{bits:016x} {scale} {indices[0]} {indices[1]}')
    OUT.write_text('\n'.join(lines) + '\n')


main()
