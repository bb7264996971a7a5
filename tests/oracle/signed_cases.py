"""Cases of tokens, nonces and of what is configured."""

import pathlib
import re

import signed_tokens as tokens

SRC = pathlib.Path(__file__).parent.parent.parent / 'src'
DEFAULTS = {
    name: int(value)
    for name, value in re.findall(r'^SONDE_SIGNED_OPTION\((\w+), (\d+),', (SRC / 'signed_options.def').read_text(), re.M)
}
APP = 'app-secret'
LONG = 'correct-horse-battery-staple-0123'
OLD = 'a-secret-of-last-year-é-😀'
FIRST = 1700000000  # seconds


def setup(name, secrets=(APP,), origins=(), next=(), **options):
    """The row; and what the rules need to know of it."""
    options = {'allow_weak_secret': 1} | options
    row = {'setup': name, 'options': options, 'secrets': list(secrets)}
    row |= {'origins': list(origins), 'next': list(next)}
    return row, row | {'options': DEFAULTS | options, 'uses': {}}


def hexed(text):
    return bytes.fromhex(text)


COUNT = '000102030405060708090a0b'
IDS = [  # id, nonce, token where the document gives it
    ('42', COUNT, 'AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR'),
    ('7', 'ff' * 12, '________________Aa9vc0gaI5dFo_klwNBAMYE='),
    ('user-é-😀', '202122232425262728292a2b', 'ICEiIyQlJicoKSorSd6O4v9fBdz_jq70pJfdFTjvZFLQiKIroJbUdw=='),
    ('0', '000000000000000000000001', None),
    ('a' * 15, COUNT, None),
    ('a' * 16, COUNT, None),
    ('a' * 17, COUNT, None),
    ('550e8400-e29b-41d4-a716-446655440000', COUNT, None),
    ('\u202e\ufeff\0\n"', COUNT, None),
    ('x' * 4095, COUNT, None),
    ('x' * 4096, COUNT, None),
]


def seal_rows():
    for id_, nonce, token in IDS:
        made = tokens.seal(APP, hexed(nonce), id_.encode())
        assert token in (None, made)
        name = f'{id_[:12]!r} of {len(id_.encode())}'
        yield {'name': f'seal {name}', 'call': 'seal', 'nonce_hex': nonce, 'id': id_, 'token': made}
        yield opens(f'open {name}', [APP], made, id_.encode())
        yield opens(f'open {name} unpadded', [APP], made.rstrip('='), id_.encode())
    bad = [('empty', b'', COUNT), ('too long', b'x' * 4097, COUNT), ('zero nonce', b'42', '00' * 12)]
    bad += [('ill-formed', b'a\xff', COUNT), ('surrogate', b'\xed\xa0\x80', COUNT), ('cut short', b'\xe2\x82', COUNT)]
    for name, id_, nonce in bad:
        yield {'name': f'seal {name}', 'call': 'seal', 'nonce_hex': nonce, 'id': id_, 'status': 'BAD_ARGUMENT'}


def opens(name, secrets, token, expect):
    found = tokens.open_(secrets, token if isinstance(token, str) else token.decode('latin-1'))
    assert found == expect, (name, found, expect)
    result = {'status': expect} if isinstance(expect, str) else {'id': expect}
    return {'name': name, 'call': 'open', 'token': token} | result


def respellings(token):
    """No other text than the canonical one, padded or not, opens."""
    bare = token.rstrip('=')
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    last = alphabet.index(bare[-1])
    trailing = 4 if len(bare) % 4 == 3 else 16
    for other in range(last + 1, last + trailing):
        yield f'trailing bits {other - last}', bare + alphabet[other]
        yield f'trailing bits {other - last} padded', bare + alphabet[other] + '=' * (-len(bare) % 4)
    pad = -len(bare) % 4
    for count in range(1, 6):
        if count != pad:
            yield f'{count} pads', bare + '=' * count
    spaces = {'space': ' ', 'tab': '\t', 'line feed': '\n', 'carriage return': '\r', 'no-break space': '\xa0', 'NUL': '\0', 'pad': '='}
    for name, c in spaces.items():
        yield f'{name} before', c + token
        yield f'{name} inside', token[:8] + c + token[8:]
        if c != '=':
            yield f'{name} behind', token + c
            yield f'{name} behind the bare one', bare + c
    yield 'percent', token.replace('=', '%3D')
    yield 'dot', token[:20] + '.' + token[21:]
    yield 'plus', token[:20] + '+' + token[21:]
    yield 'slash', token[:20] + '/' + token[21:]
    yield 'full-width', token[:20] + '\uff21' + token[21:]
    yield 'quoted', f'"{token}"'
    yield 'one character more', bare + 'A'
    yield 'pad, then more', token + 'AAAA'


def open_rows():
    one = tokens.seal(APP, hexed('ff' * 12), b'7')
    three = tokens.seal(APP, hexed(COUNT), b'777')
    for kind, token in (('one pad', one), ('two pads', tokens.seal(APP, hexed(COUNT), b'77777'[:3]))):
        for name, text in respellings(token):
            status = tokens.open_([APP], text)
            yield opens(f'open respelt, {kind}, {name}', [APP], text, status)
            assert status in ('MALFORMED', 'FORGED'), (name, status)
    standard = 'ICEiIyQlJicoKSorSd6O4v9fBdz/jq70pJfdFTjvZFLQiKIroJbUdw=='
    yield opens('open standard alphabet', [APP], standard, 'MALFORMED')
    empty = tokens.seal(APP, hexed('0c0d0e0f1011121314151617'), b'')
    assert empty == 'DA0ODxAREhMUFRYXzLlCHjQGChvFoHUb3APKwA=='
    yield opens('open empty id', [APP], empty, 'MALFORMED')
    yield opens('open empty id unpadded', [APP], empty.rstrip('='), 'MALFORMED')
    for size in range(29):
        yield opens(f'open {size} bytes', [APP], tokens.base64url(bytes(range(size))), 'MALFORMED')
    yield opens('open 29 bytes', [APP], tokens.base64url(bytes(range(29))), 'FORGED')
    yield opens('open wrong secret', [APP], tokens.seal(LONG, hexed(COUNT), b'42'), 'FORGED')
    yield opens('open tag cut to 12', [APP], tokens.base64url(tokens.seal_bytes(APP, hexed(COUNT), b'x' * 9)[:-4]), 'FORGED')
    for name, plain in (('ill-formed', b'a\xff'), ('surrogate', b'\xed\xa0\x80'), ('overlong', b'\xc0\x80')):
        yield opens(f'open {name} id', [APP], tokens.seal(APP, hexed(COUNT), plain), 'MALFORMED')
    yield opens('open id of 4097', [APP], tokens.seal(APP, hexed(COUNT), b'x' * 4097), 'MALFORMED')
    yield opens('open a megabyte', [APP], 'A' * 200000, 'MALFORMED')
    yield opens('open raw byte', [APP], three.encode()[:8] + b'\xff' + three.encode()[9:], 'MALFORMED')


def rotation_rows():
    row, all_ = setup('rotation', [LONG, OLD, APP])
    yield row
    yield {'name': 'seal rotation', 'call': 'seal', 'nonce_hex': COUNT, 'id': '42', 'token': tokens.seal(LONG, hexed(COUNT), b'42')}
    for secret in (LONG, OLD, APP):
        yield opens(f'open rotation {secret}', all_['secrets'], tokens.seal(secret, hexed(COUNT), b'42'), b'42')
        yield checks(f'check rotation {secret}', all_, tokens.sign_render(secret, FIRST), FIRST * 1000 + 9000, 'ok', 9)
    yield opens('open rotation other', all_['secrets'], tokens.seal('another', hexed(COUNT), b'42'), 'FORGED')
    yield checks('check rotation other', all_, tokens.sign_render('another', FIRST), FIRST * 1000 + 9000, 'invalid')
    yield {'name': 'render rotation', 'call': 'render', 'now': FIRST * 1000, 'token': tokens.sign_render(LONG, FIRST)}
    row, none = setup('none', [])
    yield row
    yield {'name': 'render without secret', 'call': 'render', 'now': FIRST * 1000, 'token': ''}
    yield {'name': 'seal without secret', 'call': 'seal', 'nonce_hex': COUNT, 'id': '42', 'status': 'NO_SECRET'}
    yield opens('open without secret', [], IDS[0][2], 'NO_SECRET')
    for token in ('', 'nonsense', tokens.sign_render(APP, FIRST)):
        yield checks(f'check without secret {token[:12]}', none, token, FIRST * 1000, 'unverified')
    yield nonce_checks('nonce without secret', none, FIRST, 'A' * 43, 's', '/', 'NO_SECRET')


# --- render tokens -----------------------------------------------------------

RENDERS = {
    0: '0.8f7d20d249ea1b0c34a5dd22a9bb0b631127cb10a1b60794c1f4987b28d2a9e9',
    1700000000: '1700000000.654f7e64257f91fff31252fc8eba65ec024f2c017fcdd94cd8def9f0232cc57d',
    1763661600: '1763661600.5054ff372c5688231a2f0369dc640461e4830dff19595ee07f165613d1c0dda6',
}


def checks(name, setup_, token, now, render, age=None):
    text = token if isinstance(token, str) else token.decode('latin-1')
    found = tokens.check_render(setup_['secrets'], text, now, setup_['options'])
    assert found == (render, age), (name, found, render, age)
    return {'name': name, 'call': 'check', 'now': now, 'token': token, 'render': render, 'age': age}


def render_rows(app):
    for seconds, token in RENDERS.items():
        assert tokens.sign_render(APP, seconds) == token
    for seconds in [*RENDERS, 1, 9, 10, 2**31 - 1, 2**31, 2**32, 9007199254740]:
        token = tokens.sign_render(APP, seconds)
        for ms in (0, 1, 999) if seconds < 9e12 else (0,):
            yield {'name': f'render {seconds} {ms}', 'call': 'render', 'now': seconds * 1000 + ms, 'token': token}
        yield checks(f'check render of {seconds}', app, token, (seconds + 7) * 1000 if seconds < 9e12 else seconds * 1000, *(('ok', 7) if seconds < 9e12 else ('too_fresh', 0)))
    for now in (-1, 2**53 + 2):
        yield {'name': f'render at {now}', 'call': 'render', 'now': now, 'status': 'BAD_ARGUMENT'}


def window_rows(app):
    token = RENDERS[FIRST]
    table = [(-3600, 'future'), (-7, 'future'), (-6, 'future'), (-5, 'too_fresh', 0), (-1, 'too_fresh', 0), (0, 'too_fresh', 0)]
    table += [(1, 'too_fresh', 1), (2, 'ok', 2), (3, 'ok', 3), (3600, 'ok', 3600), (14399, 'ok', 14399), (14400, 'ok', 14400)]
    table += [(14401, 'stale', 14401), (14402, 'stale', 14402), (10**9, 'stale', 10**9)]
    for age, *expect in table:
        yield checks(f'check at age {age}', app, token, (FIRST + age) * 1000, *expect)
    for ms, *expect in ((1999, 'too_fresh', 1), (2000, 'ok', 2), (2001, 'ok', 2), (2999.75, 'ok', 2)):
        yield checks(f'check {ms} ms later', app, token, FIRST * 1000 + ms, *expect)
    yield checks('check when now is 0', app, token, 0, 'future')
    yield checks('check 0 at 0', app, RENDERS[0], 0, 'too_fresh', 0)
    yield checks('check 0 now', app, RENDERS[0], FIRST * 1000, 'stale', FIRST)
    for big in (2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1):
        yield checks(f'check far future {big}', app, tokens.sign_render(APP, big), FIRST * 1000, 'future')
    for big in (2**64 - 1, 2**64, 2**64 + 1, 2**64 + FIRST, 10**20 - 1):
        yield checks(f'check far future {big}', app, tokens.sign_render(APP, big), FIRST * 1000 + 9000, 'future')
    yield checks('check 21 digits', app, tokens.sign_render(APP, 10**20), FIRST * 1000, 'invalid')
    yield checks('check 10^30', app, tokens.sign_render(APP, 10**30), FIRST * 1000, 'invalid')


def strict_rows(app):
    """Signed as they stand, so that nothing but the spelling is wrong."""
    spelt = ['+1700000000', '-1700000000', ' 1700000000', '01700000000', '00', '-0', '0x6553f100', '17e8', '1.7e9']
    spelt += ['1700000000 ', '1700000000\n', '1700000000\0', '1,700,000,000', '1_700_000_000', '', 'NaN', 'Infinity']
    spelt += ['١٧٠٠٠٠٠٠٠٠', '１７００００００００', '1700000000.0', '170000000०']
    for text in spelt:
        token = f'{text}.{tokens.mac(APP, ("render-token:" + text).encode()).hex()}'
        yield checks(f'check digits {text!a}', app, token, FIRST * 1000 + 9000, 'invalid')
    digits, mac = RENDERS[FIRST].split('.')
    table = ['.', '..', digits, digits + '.', '.' + mac, f'{digits}..{mac}', f'{digits}.{mac}.', f'.{digits}.{mac}']
    table += [f'{digits}.{mac.upper()}', f'{digits}.{mac[:-1]}', f'{digits}.{mac}0', f'{digits}.{mac}\n', f'\n{digits}.{mac}']
    table += [f'{digits}.{mac} ', f' {digits}.{mac}', f'{digits}.{mac}\0', f'{digits}.0x{mac[2:]}', f'{digits}:{mac}', f'{digits},{mac}']
    table += [f'{digits}.{mac[:-1]}g', f'{digits}.{mac[:-1]}é', f'{digits}.{mac[:32]}', f'{digits}.{mac}{mac}', f'{digits}.{mac[:-1]}A']
    table += [f'{digits}. {mac[1:]}', '1700000001.' + mac, f'{digits}.{"0" * 64}', 'x' * 85, '9' * 300, '.' * 1000]
    table += [RENDERS[0].replace('0.', '00.', 1), f'{digits}.{tokens.mac(APP, digits.encode()).hex()}']
    table += [f'{digits}.{tokens.mac(tokens.aes_key(APP).hex(), b"render-token:" + digits.encode()).hex()}']
    for at, token in enumerate(table):
        yield checks(f'check strictly {at}', app, token, FIRST * 1000 + 9000, 'invalid')
    yield checks('check raw byte', app, digits.encode() + b'.\xff' + mac.encode()[1:], FIRST * 1000 + 9000, 'invalid')
    yield checks('check empty', app, '', FIRST * 1000, 'missing')
    for at in range(64):
        other = '0' if mac[at] != '0' else '1'
        token = f'{digits}.{mac[:at]}{other}{mac[at + 1 :]}'
        yield checks(f'check MAC changed at {at}', app, token, FIRST * 1000 + 9000, 'invalid')


def option_rows():
    row, all_ = setup('window', min_age=0, max_age=1, max_skew=0)
    yield row
    for age, *expect in ((-1, 'future'), (0, 'ok', 0), (1, 'ok', 1), (2, 'stale', 2)):
        yield checks(f'check narrow at age {age}', all_, RENDERS[FIRST], (FIRST + age) * 1000, *expect)
    row, all_ = setup('window, wide', min_age=3600, max_age=604800, max_skew=300)
    yield row
    table = [(-301, 'future'), (-300, 'too_fresh', 0), (3599, 'too_fresh', 3599), (3600, 'ok', 3600)]
    for age, *expect in [*table, (604800, 'ok', 604800), (604801, 'stale', 604801)]:
        yield checks(f'check wide at age {age}', all_, RENDERS[FIRST], (FIRST + age) * 1000, *expect)


# --- beacon nonces -----------------------------------------------------------


def nonce_checks(name, setup_, now, nonce, session, path, expect):
    found = tokens.open_nonce(setup_['secrets'], now * 1000, nonce, session, path)
    assert found == expect, (name, found, expect)
    result = {'status': expect} if isinstance(expect, str) else {'left': expect}
    return {'name': name, 'call': 'nonce_check', 'now': now * 1000, 'nonce': nonce, 'session': session, 'path': path} | result


def nonce_rows(app):
    expiry, random = FIRST + 300, hexed(COUNT)
    for name, session, path in [
        ('plain', 'session-1', '/api/v1/telemetry/logs'),
        ('empty', '', ''),
        ('unicode', 'é😀', '/größe'),
        ('long', 's' * 65535, 'p' * 65535),
    ]:
        nonce = tokens.seal_nonce(APP, expiry, random, session, path)
        yield {'name': f'nonce {name}', 'call': 'nonce', 'expiry': expiry, 'nonce_hex': COUNT, 'session': session, 'path': path, 'nonce': nonce}
        yield nonce_checks(f'nonce check {name}', app, FIRST, nonce, session, path, 300)
    for limit in (0, 2**32 - 1):
        made = tokens.seal_nonce(APP, limit, random, 's', '/')
        yield {'name': f'nonce until {limit}', 'call': 'nonce', 'expiry': limit, 'nonce_hex': COUNT, 'session': 's', 'path': '/', 'nonce': made}
    for limit in (-1, 2**32, 1.5):
        yield {'name': f'nonce until {limit}', 'call': 'nonce', 'expiry': limit, 'nonce_hex': COUNT, 'session': 's', 'path': '/', 'status': 'BAD_ARGUMENT'}
    nonce = tokens.seal_nonce(APP, expiry, random, 'ab', '/cd')
    for name, now, expect in [('at first', 0, expiry), ('1 s before', expiry - 1, 1), ('at its end', expiry, 0), ('1 s after', expiry + 1, 'EXPIRED')]:
        yield nonce_checks(f'nonce check {name}', app, now, nonce, 'ab', '/cd', expect)
    for name, session, path in [('session', 'ac', '/cd'), ('path', 'ab', '/ce'), ('moved cut', 'a', 'b/cd'), ('swapped', '/cd', 'ab'), ('no session', '', '/cd')]:
        yield nonce_checks(f'nonce check other {name}', app, FIRST, nonce, session, path, 'FORGED')
    head = nonce[:-1]
    bad = ['', head, nonce + 'A', nonce + '=', head + '=', ' ' + nonce, nonce + '\n', nonce[:9] + '+' + nonce[10:], nonce[:9] + '/' + nonce[10:]]
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    bad += [head + alphabet[alphabet.index(nonce[-1]) + k] for k in (1, 2, 3)]
    for at, text in enumerate(bad):
        yield nonce_checks(f'nonce check malformed {at}', app, FIRST, text, 'ab', '/cd', 'MALFORMED')
    for at in range(32):
        data = bytearray(tokens.canonical(nonce))
        data[at] ^= 1 << at % 8
        yield nonce_checks(f'nonce check changed at {at}', app, FIRST, tokens.base64url(bytes(data)).rstrip('='), 'ab', '/cd', 'FORGED')


# --- what is configured ------------------------------------------------------


def put_rows():
    yield setup('secrets', [], allow_weak_secret=0)[0]
    table = [('', 'BAD_ARGUMENT'), ('x', 'WEAK_SECRET'), ('x' * 15, 'WEAK_SECRET'), ('x' * 16, 1), ('é' * 8, 2), ('x' * 1024, 3), ('x' * 1025, 'BAD_ARGUMENT')]
    table += [(f'secret-number-{n:02}', n) for n in range(4, 9)] + [('secret-number-09', 'TABLE_FULL'), (b'x' * 16 + b'\xff', None)]
    for at, (text, expect) in enumerate(table):
        if expect is not None:
            yield put(f'secret {at}', 'secret', text, expect)
    yield setup('weak secrets', [])[0]
    yield put('weak secret', 'secret', 'x', 1)
    yield put('empty secret', 'secret', '', 'BAD_ARGUMENT')
    yield setup('origins', [])[0]
    good = ['https://app.example', 'http://localhost:8080', 'https://xn--bcher-kva.example', 'http://127.0.0.1', 'https://[::1]:3000']
    for at, text in enumerate(good):
        yield put(f'origin {text}', 'origin', text, at + 1)
    bad = ['', 'null', '*', 'app.example', 'https://', 'https:', 'https://app.example/', 'https://app.example/x', 'HTTPS://app.example']
    bad += ['https://APP.example', 'https://app.example:443', 'http://app.example:80', 'https://user@app.example', 'https://app.example?x']
    bad += ['https://app.example#', 'https://app example', 'https://app.example\n', 'https://bücher.example', 'https://app.example:', '//app.example']
    bad += ['https://app.example\\', ' https://app.example', 'https://' + 'a' * 250]
    for text in bad:
        yield put(f'origin {text[:30]!a} of {len(text)}', 'origin', text, 'BAD_ARGUMENT')
    yield setup('targets', [])[0]
    for at, text in enumerate(['https://app.example', '/thanks', '/', '/a/b-c_d~e']):
        yield put(f'target {text}', 'next', text, at + 1)
    for text in ['', 'thanks', '//evil.example', '/\\evil', 'https://app.example/thanks', 'javascript:alert(1)', '/a b', '/a\n', '/é', '/a?b', '/a#b', '/../a', '/' + 'a' * 255]:
        yield put(f'target {text[:30]!a} of {len(text)}', 'next', text, 'BAD_ARGUMENT')
    yield setup('full', [])[0]
    for call in ('origin', 'next'):
        for n in range(1, 33):
            yield put(f'{call} number {n}', call, f'https://app{n}.example', n)
        yield put(f'{call} number 33', call, 'https://app33.example', 'TABLE_FULL')


def put(name, call, text, expect):
    result = {'status': expect} if isinstance(expect, str) else {'count': expect}
    return {'name': f'put {name}', 'call': call, 'text': text} | result


def rows():
    row, app = setup('app')
    return [
        row,
        *seal_rows(),
        *open_rows(),
        *render_rows(app),
        *window_rows(app),
        *strict_rows(app),
        *nonce_rows(app),
        *rotation_rows(),
        *option_rows(),
        *put_rows(),
    ]
