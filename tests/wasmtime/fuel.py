"""Constant time, counted: what a forged token costs does not depend on where it
is wrong. Wasmtime counts the instructions of the module that ran, so this is
exact and the same on each machine; what an engine makes of them is its own.

    python tests/wasmtime/fuel.py

Decoding a token's text may depend on the text, which whoever sent it knows. So
each text is taken by several verifiers: by one for which a single byte of the
tag or MAC is wrong, and by others, for which nothing of it is right. All must
take the same fuel.
"""

import base64
import sys

from edge import Edge

GOOD = 'correct-horse-battery-staple-0123'
OTHERS = ['another-secret-of-the-same-length', 'one-more-secret-of-the-same-size!']
NONCE = bytes(range(1, 13))
NOW = 1_700_000_000
TAG, MAC = 16, 32


class Verifiers:
    """Good for the secret, in each place of the list; and good for nothing."""

    def __init__(self, *lists):
        self.all = [Edge(fuel=True).start(secrets) for secrets in lists]
        self.size = len(lists[0])
        self.passed = self.failed = 0

    def same(self, what, calls):
        """`calls`: functions from a verifier to the fuel of one and the same input."""
        counts = [[call(edge) for edge in self.all] for call in calls]
        odd = [at for at, one in enumerate(counts) if len(set(one)) > 1]
        self.passed += not odd
        self.failed += bool(odd)
        print(
            f'{"NOT THE SAME" if odd else "ok"}: {what}, {self.size} secrets: {len(calls)} inputs, '
            f'{min(map(min, counts))} to {max(map(max, counts))} instructions'
            + ''.join(f'\n  input {at}: {counts[at]}' for at in odd[:5])
        )


def changed(data, at, by):
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


def opening(text):
    return lambda edge: edge.used('signed_open', edge.put(text))


def checking(text):
    return lambda edge: edge.used('signed_check', (NOW + 60) * 1000.0, edge.put(text))


def checking_nonce(text):
    return lambda edge: edge.used('signed_nonce_check', NOW * 1000.0, edge.put(text, b'sid', b'/path') - 8, 3, 5)


def identity(verifiers, maker, id_):
    """Wrong in each byte of the tag, of the nonce and of the text."""
    sealed = base64.urlsafe_b64decode(maker.seal(NONCE, id_))
    tag = len(sealed) - TAG
    for kind, places in (('tag', range(tag, len(sealed))), ('nonce and text', range(tag))):
        texts = [base64.urlsafe_b64encode(changed(sealed, at, by)) for at in places for by in (1, 0x80, 0xFF)]
        verifiers.same(f'identity of {len(id_)}, wrong in its {kind}', list(map(opening, texts)))


def render(verifiers, maker):
    seconds, mac = maker.render(NOW * 1000).split(b'.')
    mac = bytes.fromhex(mac.decode())
    texts = [seconds + b'.' + changed(mac, at, by).hex().encode() for at in range(MAC) for by in (1, 0x80, 0x0F)]
    verifiers.same('render token, wrong in its MAC', list(map(checking, texts)))


def nonce(verifiers, maker):
    data = base64.urlsafe_b64decode(maker.nonce(NOW + 300, NONCE, b'sid', b'/path') + b'=')
    texts = [base64.urlsafe_b64encode(changed(data, at, by))[:43] for at in range(16, 32) for by in (1, 0x80, 0xFF)]
    verifiers.same('beacon nonce, wrong in its MAC', list(map(checking_nonce, texts)))


def main():
    maker = Edge().start([GOOD])
    passed = failed = 0
    one, two = OTHERS
    for verifiers in (
        Verifiers([GOOD], [one], [two]),
        Verifiers([GOOD, one], [one, GOOD], [one, two], [GOOD, GOOD]),
    ):
        for id_ in (b'42', b'x' * 20, b'x' * 48, b'x' * 49, b'x' * 300):
            identity(verifiers, maker, id_)
        render(verifiers, maker)
        nonce(verifiers, maker)
        passed += verifiers.passed
        failed += verifiers.failed
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
