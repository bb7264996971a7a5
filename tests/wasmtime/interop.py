"""plain.connect and we read each other's tokens.

    python tests/wasmtime/interop.py [--count N] [--seed N] WHEEL...

WHEEL is a wheel of plain.connect (pip download --no-deps
--ignore-requires-python plain.connect==0.11.0); its own identity.py, unchanged,
makes tokens with random secrets that sonde-edge.wasm opens under Wasmtime, and
what the module makes is read back with `cryptography` and `hmac`, by the rules.
"""

import argparse
import base64
import hashlib
import hmac
import random
import sys
import types
import zipfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from edge import Edge, Status

NOW = 1_700_000_000


def identity_module(wheel):
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read('plain/connect/identity.py')
    module = types.ModuleType('identity')
    exec(compile(source, f'{wheel}/identity.py', 'exec'), module.__dict__)
    return module


class Samples:
    """Secrets and ids of all kinds of text; a seed gives the same ones."""

    RANGES = [(0x30, 0x7A), (0x20, 0x7E), (0xA0, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF), (1, 0x10FFFF)]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, least, most):
        low, high = self.random.choice(self.RANGES)
        size = self.random.randint(least, most)
        points = (self.random.randint(low, high) for _ in range(size))
        return ''.join(chr(c) if not 0xD800 <= c < 0xE000 else '\ufffd' for c in points)

    def id(self):
        kind = self.random.random()
        if kind < 0.3:
            return self.random.randrange(10 ** self.random.randint(1, 19))
        return self.text(1, 64 if kind < 0.9 else 1000)

    def secret(self):
        return self.text(16, 240)

    def nonce(self):
        return self.random.randbytes(12)


def rules_open(secret, token):
    data = base64.urlsafe_b64decode(token)
    key = hashlib.sha256(secret.encode()).digest()
    return AESGCM(key).decrypt(data[:12], data[12:], None).decode()


def rules_mac(secret, text):
    return hmac.new(secret.encode(), f'render-token:{text}'.encode(), hashlib.sha256).hexdigest()


def theirs(edge, theirs_module, secret, id_):
    """What they made is good here, and not with another secret."""
    token = theirs_module.encrypt_identity(id_, secret).encode()
    assert edge.open(token) == str(id_).encode(), 'their token opens to another id'
    assert edge.open(token.rstrip(b'=')) == str(id_).encode(), 'their token, unpadded'
    render = theirs_module.sign_render_token(secret, now=NOW).encode()
    assert edge.check((NOW + 60) * 1000, render) == ('ok', 60.0), 'their render token'
    assert edge.render(NOW * 1000) == render, 'our render token is not theirs'
    edge.start([secret + 'x'])
    try:
        edge.open(token)
    except Status as status:
        assert str(status) == 'FORGED', status
    else:
        raise AssertionError('opened with another secret')
    assert edge.check((NOW + 60) * 1000, render)[0] == 'invalid', 'checked with another secret'


def ours(edge, secret, id_, nonce, now):
    """What we made is good by the rules."""
    token = edge.seal(nonce, str(id_).encode()).decode()
    assert rules_open(secret, token) == str(id_), 'our token opens to another id'
    assert base64.urlsafe_b64decode(token)[:12] == nonce, 'our token has another nonce'
    text, _, mac = edge.render(now * 1000).decode().partition('.')
    assert text == str(now) and mac == rules_mac(secret, text), 'our render token'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('wheels', nargs='+', metavar='WHEEL')
    parser.add_argument('--count', type=int, default=1000)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    edge, passed, failed = Edge(), 0, 0
    for wheel in args.wheels:
        module, samples = identity_module(wheel), Samples(args.seed)
        for _ in range(args.count):
            secret, id_, nonce = samples.secret(), samples.id(), samples.nonce()
            try:
                ours(edge.start([secret]), secret, id_, nonce, samples.random.randrange(2**33))
                theirs(edge, module, secret, id_)
                passed += 1
            except (AssertionError, Status) as why:
                failed += 1
                print(f'{wheel}: {why!r}: secret {secret!a}, id {id_!a}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
