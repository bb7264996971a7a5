"""Tokens and nonces by their written rules, with `cryptography` and `hmac`."""

import base64
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_ID = 4096


def aes_key(secret):
    return hashlib.sha256(secret.encode()).digest()


def base64url(data):
    return base64.urlsafe_b64encode(data).decode()


def mac(secret, message):
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


# --- identity ----------------------------------------------------------------


def seal_bytes(secret, nonce, plain):
    return nonce + AESGCM(aes_key(secret)).encrypt(nonce, plain, None)


def seal(secret, nonce, plain):
    return base64url(seal_bytes(secret, nonce, plain))


def canonical(text):
    """What this base64url text holds, or None if it is not spelt as we do."""
    bare = text.rstrip('=')
    if not re.fullmatch(r'[A-Za-z0-9_-]*', bare, re.ASCII) or len(bare) % 4 == 1:
        return None
    padded = bare + '=' * (-len(bare) % 4)
    data = base64.urlsafe_b64decode(padded)
    return data if text in (bare, padded) and base64url(data) == padded else None


def open_(secrets, token):
    """The id as bytes, or the name of a status."""
    if not secrets:
        return 'NO_SECRET'
    data = canonical(token)
    if data is None or not 28 < len(data) <= 28 + MAX_ID:
        return 'MALFORMED'
    for secret in secrets:
        try:
            plain = AESGCM(aes_key(secret)).decrypt(data[:12], data[12:], None)
        except InvalidTag:
            continue
        try:
            plain.decode()
        except UnicodeDecodeError:
            return 'MALFORMED'
        return plain
    return 'FORGED'


# --- render tokens -----------------------------------------------------------


def sign_render(secret, seconds):
    text = str(seconds)
    return f'{text}.{mac(secret, b"render-token:" + text.encode()).hex()}'


def check_render(secrets, token, now, options):
    """What it is, and its age in whole seconds or None."""
    if not secrets:
        return 'unverified', None
    if token == '':
        return 'missing', None
    found = re.fullmatch(r'(0|[1-9][0-9]{0,19})\.([0-9a-f]{64})', token, re.ASCII)
    if found is None or not any(sign_render(s, found[1]) == token for s in secrets):
        return 'invalid', None
    age = int(now // 1000) - int(found[1])
    if age < -options['max_skew']:
        return 'future', None
    age = max(age, 0)
    if age < options['min_age']:
        return 'too_fresh', age
    return ('stale' if age > options['max_age'] else 'ok'), age


# --- beacon nonces -----------------------------------------------------------


def nonce_mac(secret, head, session, path):
    message = b'beacon-nonce:' + head
    for text in (session.encode(), path.encode()):
        message += len(text).to_bytes(2, 'big') + text
    return mac(secret, message)[:16]


def seal_nonce(secret, expiry, random, session, path):
    head = expiry.to_bytes(4, 'big') + random
    return base64url(head + nonce_mac(secret, head, session, path)).rstrip('=')


def open_nonce(secrets, now, nonce, session, path):
    """Seconds that it is still good for, or the name of a status."""
    if not secrets:
        return 'NO_SECRET'
    data = canonical(nonce)
    if data is None or len(nonce) != 43:
        return 'MALFORMED'
    head = data[:16]
    if all(nonce_mac(s, head, session, path) != data[16:] for s in secrets):
        return 'FORGED'
    left = int.from_bytes(head[:4], 'big') - int(now // 1000)
    return left if left >= 0 else 'EXPIRED'
