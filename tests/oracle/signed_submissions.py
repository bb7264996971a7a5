"""Cases of submissions: what is sent, and what it must come to."""

import json
import urllib.parse

import signed_next
import signed_tokens as tokens
from signed_cases import APP, COUNT, FIRST, LONG, OLD, hexed, setup
from signed_verify import CHECK, IDENTITY, RENDER, compact, verdict

FORM = 'application/x-www-form-urlencoded'
JSON = 'application/json'
NOW = (FIRST + 17) * 1000
TOKEN = tokens.sign_render(LONG, FIRST)
USER = tokens.seal(LONG, hexed(COUNT), b'42')
HOME = 'https://app.example'


class Table:
    """Rows of one setup."""

    def __init__(self, name, *given, **options):
        row, self.setup = setup(name, *given, **options)
        self.name, self.rows = name, [row]

    def add(self, name, expect, body, **sent):
        """`expect`: "accept", "discard" or the reason of a rejection; or a
        dict of some members of an accepted one."""
        sent = dict(now=NOW, content_type=FORM, origin=HOME, endpoint='plain_sf_abc123') | sent
        now = sent.pop('now')
        body = body.encode() if isinstance(body, str) else body
        result = verdict(self.setup, now, sent | {'body': body})
        members = {'verdict': 'accept'} | expect if isinstance(expect, dict) else {}
        have = result['reason'] or result['verdict']
        assert members or have == expect, (name, expect, result)
        for member, value in members.items():
            assert result[member] == value, (name, member, value, result)
        row = {'name': f'{self.name}: {name}', 'call': 'verify', 'now': now} | sent
        self.rows.append(row | {'body': body, 'verdict': compact(result)})


def form(fields=None, drop=(), **more):
    """A good form body with these fields in it, after the hidden ones."""
    base = {RENDER: TOKEN, IDENTITY: USER, CHECK: '', 'message': 'Hello'}
    base |= (fields or {}) | more
    return urllib.parse.urlencode({k: v for k, v in base.items() if k not in drop})


def json_body(fields=None, drop=(), **more):
    base = {RENDER: TOKEN, IDENTITY: USER, CHECK: '', 'message': 'Hello'}
    base |= (fields or {}) | more
    return compact({k: v for k, v in base.items() if k not in drop})


def raw(text):
    """A good JSON body with these members, as they stand, behind the others."""
    return json_body()[:-1].encode() + b',' + (text.encode() if isinstance(text, str) else text) + b'}'


def main_table():
    return Table('submission', [LONG, OLD], [HOME, 'http://localhost:8080'], signed_next.TARGETS)


def whole_rows(t):
    full = dict(name='Zoë 😀', email='zoe@example.com', message='Hello,\r\nworld', form_slug='contact-2', _next='/thanks', plan='pro', **{'a b': 'c&d'})
    expect = dict(render='ok', age_seconds=17, user_id='42', identity='ok', next='/thanks', extras={'plan': 'pro', 'a b': 'c&d'})
    t.add('all fields', expect, form(full))
    t.add('all fields as JSON', expect, json_body(full), content_type=JSON)
    t.add('message only', dict(name=None, email=None, form_slug=None, next=None, extras={}), form())
    t.add('empty fields', dict(name=None, email=None, form_slug=None, next=None), form(name='', email='', form_slug='', _next=''))
    for at, now in enumerate([FIRST * 1000 + 2000, (FIRST + 14400) * 1000]):
        t.add(f'in its window {at}', dict(render='ok'), form(), now=now)
    t.add('too fresh', 'render_too_fresh', form(), now=FIRST * 1000 + 1999)
    t.add('stale', 'render_stale', form(), now=(FIRST + 14401) * 1000)
    t.add('future', 'render_future', form(), now=(FIRST - 6) * 1000)
    t.add('clock at 0', 'render_future', form(), now=0)
    t.add('a little ahead', 'render_too_fresh', form(), now=(FIRST - 5) * 1000)
    t.add('no render token', 'render_missing', form(drop=[RENDER]))
    t.add('empty render token', 'render_missing', form({RENDER: ''}))
    t.add('render token of the older secret', dict(render='ok'), form({RENDER: tokens.sign_render(OLD, FIRST)}))
    t.add('render token of another secret', 'render_invalid', form({RENDER: tokens.sign_render(APP, FIRST)}))
    for at, text in enumerate([TOKEN + '\n', ' ' + TOKEN, TOKEN.upper(), '+' + TOKEN, 'é', 'x' * 16384, TOKEN + '\r\n']):
        t.add(f'bad render token {at}', 'render_invalid', form({RENDER: text}))


def identity_rows(t):
    t.add('anonymous', dict(identity='absent', user_id=None), form({IDENTITY: ''}))
    t.add('no identity', dict(identity='absent'), form(drop=[IDENTITY]))
    t.add('unpadded', dict(identity='ok', user_id='7'), form({IDENTITY: tokens.seal(LONG, hexed(COUNT), b'7').rstrip('=')}))
    t.add('older secret', dict(identity='ok', user_id='42'), form({IDENTITY: tokens.seal(OLD, hexed(COUNT), b'42')}))
    odd = 'user-é-😀"\\\n\u2028\x7f\x1b'
    t.add('odd user id', dict(identity='ok', user_id=odd), form({IDENTITY: tokens.seal(LONG, hexed(COUNT), odd.encode())}))
    t.add('odd user id as JSON', dict(user_id=odd), json_body({IDENTITY: tokens.seal(LONG, hexed(COUNT), odd.encode())}), content_type=JSON)
    t.add('user id of 4096', dict(user_id='x' * 4096), form({IDENTITY: tokens.seal(LONG, hexed(COUNT), b'x' * 4096)}))
    flipped = USER[:-1] + ('A' if USER[-1] != 'A' else 'B')
    table = [tokens.seal(APP, hexed(COUNT), b'42'), USER + '=', ' ' + USER, USER + '\n', USER[:-4], flipped, 'undefined', 'null', '0']
    table += ['é' * 40, tokens.seal(LONG, hexed(COUNT), b''), tokens.seal(LONG, hexed(COUNT), b'\xff'), tokens.seal(LONG, hexed(COUNT), b'x' * 4097)]
    for at, text in enumerate(table):
        t.add(f'bad identity {at}', dict(identity='invalid', user_id=None, message='Hello'), form({IDENTITY: text}))
    space = form({IDENTITY: ''}).replace(f'{IDENTITY}=', f'{IDENTITY}={USER[:8]}+{USER[9:]}')
    t.add('plus in the identity is a space', dict(identity='invalid'), space)


def field_rows(t):
    for c in ('\r', '\n', '\r\n', '\n.\n'):
        for name, reason in (('name', 'name_invalid'), ('email', 'email_invalid'), ('form_slug', 'form_slug_invalid'), ('_next', 'next_invalid')):
            value = {'name': 'a', 'email': 'a@b.example', 'form_slug': 'a', '_next': '/thanks'}[name]
            for kind, text in (('behind', value + c), ('inside', value[:1] + c + value[1:]), ('before', c + value)):
                t.add(f'{c!a} {kind} {name}', reason, form({name: text}))
            t.add(f'{c!a} in {name} as JSON', reason, json_body({name: value + c}), content_type=JSON)
        t.add(f'{c!a} in message', dict(message=f'a{c}b'), form(message=f'a{c}b'))
        t.add(f'{c!a} in an extra', dict(extras={f'k{c}': f'v{c}'}), form({f'k{c}': f'v{c}'}))
    t.add('Bcc', 'email_invalid', form(email='a@b.example\r\nBcc: all@c.example'))
    for name in ('name', 'email', 'message', 'form_slug', '_next', RENDER, IDENTITY, CHECK, 'extra', 'ke\0y'):
        t.add(f'NUL in {name!a}', 'nul_character', form({name: 'a\0b'}))
        t.add(f'NUL in {name!a} as JSON', 'nul_character', json_body({name: 'a\0b'}), content_type=JSON)
    t.add('raw NUL', 'nul_character', form().encode() + b'&a=\0')
    t.add('raw NUL in JSON', 'bad_json', raw(b'"a":"\0"'), content_type=JSON)
    t.add('tab in a name', dict(name='a\tb'), form(name='a\tb'))
    spaces = '\t\n\v\f\r \xa0\u1680\u2000\u2001\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
    for text in ('', '\r\n', spaces, *spaces):
        t.add(f'blank message {text!a}', 'message_missing', form(message=text))
    t.add('no message', 'message_missing', form(drop=['message']))
    for text in ('\u200b', '\u0085', '\u180e', '\u2060', '.', ' a ', spaces + 'a' + spaces, '\u3164', '\x1c'):
        t.add(f'message {text!a}', dict(message=text), form(message=text))
    slug_rows(t)
    email_rows(t)


def slug_rows(t):
    for text in ('a', '0', '-', 'a-b', 'x' * 64, 'contact-2'):
        t.add(f'slug {text}', dict(form_slug=text), form(form_slug=text))
    for text in ('x' * 65, 'A', 'a_b', 'a b', ' a', 'é', 'a/b', '..', 'a\t', 'а', 'a%62'):
        t.add(f'slug {text!a}', 'form_slug_invalid', form(form_slug=text))


def email_rows(t):
    good = ['a@b', 'a@b.example', 'a.b+c@d-e.example', 'ü@bücher.example', '"a"@b.example', "o'hara@b.example", 'a@[127.0.0.1]', 'A@B.EXAMPLE', '用户@例子.example']
    good += ['a' * 248 + '@b.com', 'é' * 124 + '@b.com']
    for text in good:
        t.add(f'email {text[:30]!a} of {len(text)}', dict(email=text), form(email=text))
    bad = ['a', '@', 'a@', '@b', 'a@b@c', 'a@@b', 'a@b,c@d', 'a@b, c@d', 'a@b;c@d', 'a@b,c', 'a@b;c', 'a b@c', ' a@b', 'a@b ', '<a@b>', 'A <a@b>', 'a@b>', 'a@b<']
    bad += ['a@b\t', 'a@b\x7f', '\x01a@b', 'a@b\x1f', 'a' * 249 + '@b.com', 'é' * 125 + '@b.com', 'mailto:', 'a%40b', 'a＠b']
    for text in bad:
        t.add(f'email {text[:30]!a} of {len(text)}', 'email_invalid', form(email=text))


def reserved_rows(t):
    for name in (RENDER, IDENTITY, CHECK, 'name', 'email', 'message', 'form_slug', '_next'):
        value = {RENDER: TOKEN, CHECK: '', 'message': 'Hello'}.get(name, '')
        pair = urllib.parse.urlencode({name: value})
        t.add(f'{name} twice', 'duplicate_field', form(drop=[name]) + f'&{pair}&{pair}')
        t.add(f'{name} twice, empty', 'duplicate_field', form(drop=[name]) + f'&{name}&{name}=')
        t.add(f'{name} twice, one encoded', 'duplicate_field', form(drop=[name]) + f'&{pair}&%{ord(name[0]):02x}{pair[1:]}')
        member = json.dumps(name) + ':' + json.dumps(value)
        escaped = f'"\\u{ord(name[0]):04X}{name[1:]}":' + json.dumps(value)
        body = json_body(drop=[name])[:-1]
        t.add(f'{name} twice in JSON', 'duplicate_field', f'{body},{member},{member}}}', content_type=JSON)
        t.add(f'{name} twice in JSON, one escaped', 'duplicate_field', f'{body},{member},{escaped}}}', content_type=JSON)
    odd = ['Email', 'EMAIL', 'email ', ' email', 'e\u200bmail', 'еmail', 'message[]', 'name[]', 'a[b][c]', 'a.b', 'email\n', 'next', 'plain_connect_', 'plain_connect_check2']
    odd += ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'length', '0', '1', '-1', '', ' ', '"', '\\', '</script>', '\u2028', '😀', 'ok', 'verdict']
    for name in odd:
        t.add(f'extra {name!a}', dict(extras={name: 'x'}, email=None), form({name: 'x'}))
        t.add(f'extra {name!a} as JSON', dict(extras={name: 'x'}), json_body({name: 'x'}), content_type=JSON)
    t.add('all odd extras', dict(extras={name: f'v{name}' for name in odd}), form({name: f'v{name}' for name in odd}))
    t.add('extras twice', dict(extras={'a': '3', 'b': '2', '': 'z'}), form() + '&a=1&b=2&=y&%61=3&=z')
    t.add('extras twice in JSON', dict(extras={'a': '3', 'b': '2', '__proto__': 'z'}), raw('"a":"1","b":"2","__proto__":"y","\\u0061":"3","__proto__":"z"'), content_type=JSON)
    t.add('numeric keys keep their place', dict(extras={'b': '1', '2': '2', '1': '3', 'a': '4'}), form() + '&b=1&2=2&1=3&a=4')


def honeypot_rows(t):
    for text in ('x', ' ', '0', '\n', 'false', '\u200b', 'x' * 16384):
        t.add(f'honeypot {text[:9]!a}', 'discard', form({CHECK: text}))
    t.add('honeypot with no render token', 'discard', form({CHECK: 'x'}, drop=[RENDER]))
    t.add('honeypot with a stale token', 'discard', form({CHECK: 'x'}), now=NOW + 10**9)
    t.add('honeypot with bad fields', 'discard', form({CHECK: 'x', 'email': 'a,b', 'message': ''}))
    for to in ('https://app.example/thanks', 'https://evil.example/', 'https://app.example/\r\nx'):
        t.add(f'honeypot and _next {to[-8:]!a}', 'discard', form({CHECK: 'x', '_next': to}))
    t.add('honeypot absent', dict(message='Hello'), form(drop=[CHECK]))
    t.add('honeypot false in JSON', 'discard', json_body({CHECK: False}), content_type=JSON)
    t.add('honeypot and NUL', 'nul_character', form({CHECK: 'x', 'name': '\0'}))
    t.add('honeypot and a field twice', 'duplicate_field', form({CHECK: 'x'}) + '&message=again')


def origin_rows(t):
    good = form()
    t.add('second origin', dict(render='ok'), good, origin='http://localhost:8080')
    t.add('null origin', 'origin_null', good, origin='null')
    t.add('no origin', 'origin_missing', good, origin=None)
    bad = ['', 'https://evil.example', 'http://app.example', 'https://app.example:443', 'https://app.example:8443', 'https://app.example/', 'https://APP.example']
    bad += ['HTTPS://app.example', 'https://app.example.evil.example', 'https://app.exampl', 'https://app.example ', ' https://app.example', 'https://evil.example https://app.example']
    bad += ['https://user@app.example', 'https://app.example\r\nX: y', 'https://app.example\0', 'NULL', 'Null', '*', 'http://localhost', 'http://localhost:80800', 'file://', 'https://аpp.example']
    for text in bad:
        t.add(f'origin {text!a}', 'origin_not_allowed', good, origin=text)
    for text in ('a', 'plain_sf_abc123', 'A-Z_09', 'x' * 64, '-', '_', None):
        t.add(f'endpoint {text}', dict(render='ok'), good, endpoint=text)
    for text in ('x' * 65, 'a/b', '../a', 'a b', 'é', 'a\0', 'a.b', 'a\n', '%61', 'x' * 5000):
        t.add(f'endpoint {text[:70]!a} of {len(text)}', 'endpoint_invalid', good, endpoint=text)


def content_type_rows(t):
    for kind, body in ((FORM, form()), (JSON, json_body())):
        good = ['{}', '{};charset=utf-8', '{}; charset=UTF-8', '{} ; charset=Utf-8', '{}; charset="utf-8"', '{};Charset="UTF-8"', '{};CHARSET=utf-8', ' {} ', '{};', '{}; boundary=x', '{}; a=b; charset=utf-8', '\t{}\t']
        for text in good:
            t.add(f'content type {text!a} {kind[-4:]}', dict(message='Hello'), body, content_type=text.format(kind))
        t.add(f'upper case {kind[-4:]}', dict(message='Hello'), body, content_type=kind.upper())
        bad = ['{}; charset=iso-8859-1', '{}; charset="iso-8859-1"', '{};charset=utf-16', '{};charset=utf-7', '{};charset=', '{};charset=utf-8x', '{};charset=xutf-8', '{}x', 'x{}', '{}, text/plain', '{} text/plain', '{}+json', '{}/', '{}\n', '"{}"']
        for text in bad:
            t.add(f'content type {text!a} {kind[-4:]}', 'content_type', body, content_type=text.format(kind))
    for text in ('', ' ', ';', 'text/plain', 'text/plain;charset=UTF-8', 'multipart/form-data', 'multipart/form-data; boundary=x', 'text/json', 'application/problem+json', 'application', 'application/', '/', 'json', '*/*', 'application/octet-stream', 'application/x-www-form-urlencode', 'application /json', 'é', 'x' * 10000):
        t.add(f'content type {text[:50]!a}', 'content_type', form(), content_type=text)
    t.add('JSON as a form', 'render_missing', '{"message":"m"}', content_type=FORM)
    t.add('form as JSON', 'bad_json', form(), content_type=JSON)


def precedence_rows(t):
    """Of two faults the first in this order is told."""
    bad_token = {RENDER: 'x'}
    faults = [  # reason, fields, what is sent
        ('endpoint_invalid', {}, {'endpoint': '!'}),
        ('origin_null', {}, {'origin': 'null'}),
        ('content_type', {}, {'content_type': 'text/plain'}),
        ('body_too_large', {'x': 'x' * 66000}, {}),
        ('nul_character', {'y': '\0'}, {}),
        ('discard', {CHECK: 'x'}, {}),
        ('render_invalid', bad_token, {}),
        ('name_invalid', {'name': '\n'}, {}),
        ('email_invalid', {'email': 'a'}, {}),
        ('form_slug_invalid', {'form_slug': 'A'}, {}),
        ('next_invalid', {'_next': '\n'}, {}),
        ('message_missing', {'message': ' '}, {}),
    ]
    for at, (reason, fields, sent) in enumerate(faults):
        for other, more, how in faults[at + 1 :]:
            t.add(f'{reason} before {other}', reason, form(fields | more), **(how | sent))


def wpt_rows(t, root):
    """The cases of web-platform-tests, among the fields of a submission."""
    path = root / 'tests' / 'vectors' / 'wpt' / 'urlencoded-parser-data.json'
    for case in json.loads(path.read_text(encoding='utf-8')):
        expect = {k: v for k, v in case['output']}
        t.add(f'WPT {case["input"]}', dict(extras=expect), form() + '&' + case['input'])
    for text, extras in [
        ('a=%00x'.replace('%00', '%01'), {'a': '\x01x'}),
        ('a=%u0041', {'a': '%u0041'}),
        ('a=%2561', {'a': '%61'}),
        ('a=%25%36%31', {'a': '%61'}),
        ('a=%2B+%2b', {'a': '+ +'}),
        ('a=1;b=2', {'a': '1;b=2'}),
        ('a=%26b%3Dc', {'a': '&b=c'}),
        ('a=%', {'a': '%'}),
        ('a=%4', {'a': '%4'}),
        ('a=%g1%1g', {'a': '%g1%1g'}),
        ('a=%E2%82%AC', {'a': '€'}),
        ('a=%E2%82', {'a': '\ufffd'}),
        ('a=%E2%82x', {'a': '\ufffdx'}),
        ('a=%F0%9F%98', {'a': '\ufffd'}),
        ('a=%ED%A0%80', {'a': '\ufffd' * 3}),
        ('a=%C0%80', {'a': '\ufffd' * 2}),
        ('a=%F4%90%80%80', {'a': '\ufffd' * 4}),
        ('a=%80%BF', {'a': '\ufffd' * 2}),
        ('a=%EF%BB%BF', {'a': '\ufeff'}),
        ('a=\u2028', {'a': '\u2028'}),
        ('a=b#c', {'a': 'b#c'}),
        ('?a=b', {'?a': 'b'}),
        ('a="b"', {'a': '"b"'}),
    ]:
        t.add(f'form {text!a}', dict(extras=extras), form() + '&' + text)
    body = form().encode() + b'&a='
    for data in (b'\xff', b'\xff\xfe', b'\xe2\x82', b'\xed\xa0\x80', b'\xc3', b'\xc3x', b'\xf0\x9f\x98', b'\xff' * 5000, b'\xe2\x82' * 999):
        t.add(f'raw {data[:8]!a} of {len(data)}', dict(extras={'a': data.decode('utf-8', 'replace')}), body + data)
    t.add('raw bytes in a key', dict(extras={'\ufffd': 'x', '\ufffd\ufffd': 'y'}), form().encode() + b'&\xff=x&\xfe=x&\xff\xff=y')
    t.add('BOM before the body', dict(extras={'\ufeffa': 'b'}), '\ufeffa=b&' + form())
    t.add('empty body', 'render_missing', '')
    t.add('only separators', 'render_missing', '&' * 60000)


def json_rows(t):
    def add(name, expect, body):
        t.add(f'JSON {name}', expect, body, content_type=JSON)

    numbers = ['0', '-0', '1', '-1.5', '1e5', '1E+2', '1e99999', '9007199254740993', '18446744073709551616', '0.1', '1.0', '-0.0', '1' * 5000]
    for text in numbers:
        add(f'number {text[:30]}', dict(extras={'n': text}), raw(f'"n":{text}'))
    add('booleans', dict(extras={'t': 'true', 'f': 'false'}), raw('"t":true,"f":false'))
    add('number as a message', dict(message='42'), raw('"x":1').replace(b'"Hello"', b'42'))
    add('number as an e-mail', 'email_invalid', raw('"email":1'))
    for text in ('null', '[]', '{}', '["a"]', '{"a":"b"}', '[[[]]]'):
        add(f'value {text}', 'bad_value', raw(f'"x":{text}'))
        add(f'message {text}', 'bad_value', json_body(drop=['message'])[:-1] + f',"message":{text}}}')
    for text in ('', ' ', 'null', 'true', '1', '"a"', '[]', '[{}]', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '{a:1}', "{'a':1}", '{}{}', '{} x', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":undefined}', '{"a":tru}', '{"a":"b}', '{"a":"\n"}', '{"a":"\x1f"}', '{"a":"\\x"}', '{"a":"\\u12"}', '{"a":"\\u12g4"}', '{"a" 1}', '{1:2}', '/**/{}', '{}//', '\ufeff{}', '\x00{}', '{"a":0x1}', '{"a":1e}'):
        add(f'bad {text!a}', 'bad_json', text)
    add('BOM', 'bad_json', '\ufeff' + json_body())
    add('UTF-16', 'bad_json', json_body().encode('utf-16'))
    add('UTF-16 without BOM', 'bad_json', json_body().encode('utf-16-le'))
    for data in (b'\xff', b'\xc0\x80', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xf8\x88\x80\x80\x80', b'\xe2\x82', b'\x80'):
        add(f'ill-formed {data!a}', 'bad_json', raw(b'"a":"' + data + b'"'))
        add(f'ill-formed key {data!a}', 'bad_json', raw(b'"' + data + b'":"a"'))
    for text in ('\\ud800', '\\udc00', '\\ud800\\ud800', '\\ude00\\ud83d', '\\ud83d\\ude00', '\\ud83dx', '\\ud83d\\n', '\\u00e9', '\\/', '\\"\\\\\\b\\f\\n\\r\\t', '\\u001f', '\\uFEFF', '\\uffff', '\\u2028'):
        value = json.loads(f'"{text}"').encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
        add(f'escape {text}', dict(extras={'a': value}), raw(f'"a":"{text}"'))
        add(f'escape {text} as a key', dict(extras={value: 'a'}), raw(f'"{text}":"a"'))
    add('u0000', 'nul_character', raw('"a":"\\u0000"'))
    add('u0000 in a key', 'nul_character', raw('"\\u0000":"a"'))
    add('white space', dict(extras={'a': 'b'}), b' \t\r\n' + raw(' "a" : "b" ') + b'\n ')
    add('empty object', 'render_missing', '{}')
    add('not decoded twice', dict(extras={'a': '%61+\\u0061'}), raw('"a":"%61+\\\\u0061"'))
    for text in ('[', '[[]', '[{"a":'):
        add(f'depth bomb {text}', 'bad_json', text * (60000 // len(text)))
    add('depth bomb in a value', 'bad_value', '{"a":' * 12000)
    add('depth bomb in a value, closed', 'bad_value', '{"a":' * 6000 + '1' + '}' * 6000)
    closed = '[' * 30000 + ']' * 30000
    add('deep and closed', 'bad_json', closed)
    add('64 deep', 'bad_value', raw('"a":' + '[' * 63 + ']' * 63))


def limit_rows():
    t = Table('limits', [LONG], [], [], max_body=1024, max_fields=8, max_key=32, max_value=254, max_message=10, max_email=6)
    base = f'{RENDER}={TOKEN}&message=m'
    for size, expect in ((1023, dict(render='ok')), (1024, dict(render='ok')), (1025, 'body_too_large'), (2000, 'body_too_large')):
        t.add(f'body of {size}', expect, base + '&' * (size - len(base)))
        text = json_body(drop=[IDENTITY, CHECK], message='m')
        t.add(f'JSON body of {size}', expect, text + ' ' * (size - len(text)), content_type=JSON)
    for count, expect in ((7, {}), (8, {}), (9, 'too_many_fields'), (50, 'too_many_fields')):
        more = [f'k{n}' for n in range(count - 2)]
        t.add(f'{count} fields', expect or dict(render='ok'), '&'.join([base, *more]))
        members = ','.join(f'"{key}":1' for key in more)
        t.add(f'{count} JSON fields', expect or dict(render='ok'), f'{{"{RENDER}":"{TOKEN}","message":"m",{members}}}', content_type=JSON)
        t.add(f'{count} equal fields', expect or dict(extras={'k': ''}), base + '&k' * (count - 2))
        t.add(f'{count} fields among separators', expect or dict(render='ok'), '&&'.join([base, *more]) + '&&')
    for unit, size in (('k', 1), ('é', 2), ('€', 3), ('😀', 4)):
        for text, expect in ((unit * (32 // size), 'accept'), (unit * (32 // size) + 'k' * (33 - 32 // size * size), 'key_too_long')):
            t.add(f'key of {len(text.encode())}, {unit}', expect, f'{base}&{urllib.parse.quote(text)}=v')
            t.add(f'raw key of {len(text.encode())}, {unit}', expect, f'{base}&{text}=v')
            t.add(f'JSON key of {len(text.encode())}, {unit}', expect, f'{{"{RENDER}":"{TOKEN}","message":"m",{json.dumps(text)}:""}}', content_type=JSON)
        for text, expect in ((unit * (254 // size), 'accept'), (unit * (254 // size) + 'v' * (255 - 254 // size * size), 'value_too_long')):
            t.add(f'value of {len(text.encode())}, {unit}', expect, f'{base}&k={text}')
        for text, expect in ((unit * (10 // size), 'accept'), (unit * (10 // size) + 'm' * (11 - 10 // size * size), 'message_too_long')):
            t.add(f'message of {len(text.encode())}, {unit}', expect, f'{RENDER}={TOKEN}&message={urllib.parse.quote(text)}')
            t.add(f'JSON message of {len(text.encode())}, {unit}', expect, f'{{"{RENDER}":"{TOKEN}","message":{json.dumps(text)}}}', content_type=JSON)
    t.add('email of 6', dict(email='a@b.cd'), base + '&email=a@b.cd')
    t.add('email of 7', 'email_invalid', base + '&email=a@b.cde')
    t.add('email of 6 in 18', dict(email='a@b.cd'), base + '&email=%61%40%62%2e%63%64')
    t.add('email of 255', 'email_invalid', base + '&email=' + 'a' * 250 + '@b.cd')
    t.add('replaced bytes at the limit', 'accept', f'{base}&k=v'.encode() + b'\xff' * 84)
    t.add('replaced bytes over the limit', 'value_too_long', f'{base}&k='.encode() + b'\xff' * 85)
    for size, expect in ((254, 'accept'), (255, 'value_too_long')):
        t.add(f'number of {size}', expect, f'{{"{RENDER}":"{TOKEN}","message":"m","n":{"1" * size}}}', content_type=JSON)
    return t.rows + default_limits() + largest()


def default_limits():
    t = Table('defaults', [LONG])
    base = f'{RENDER}={TOKEN}'
    for size, expect in ((16384, 'accept'), (16385, 'message_too_long')):
        t.add(f'message of {size}', expect, f'{base}&message=' + 'm' * size)
        t.add(f'encoded message of {size}', expect, f'{base}&message=' + '%6d' * size)
        t.add(f'value of {size}', expect.replace('message', 'value'), f'{base}&message=m&k=' + 'v' * size)
    for size, expect in ((128, 'accept'), (129, 'key_too_long')):
        t.add(f'key of {size}', expect, f'{base}&message=m&' + 'k' * size)
    for size, expect in ((64, 'accept'), (65, 'too_many_fields')):
        t.add(f'{size} fields', expect, f'{base}&message=m' + ''.join(f'&k{n}=v' for n in range(size - 2)))
    for size, expect in ((65536, 'accept'), (65537, 'body_too_large'), (262000, 'body_too_large')):
        t.add(f'body of {size}', expect, f'{base}&message=m'.ljust(size, '&'))
    t.add('4096 backslashes', 'accept', f'{base}&message=' + '%5c' * 4096)
    t.add('every byte escaped', 'accept', f'{base}&message=' + '%01' * 16384)
    return t.rows


def largest():
    t = Table('largest', [LONG], max_body=1048576, max_fields=256, max_key=1024, max_value=1048576, max_message=1048576, max_email=1024, max_input=4194304)
    base = f'{RENDER}={TOKEN}&message=m'
    t.add('100,000 pairs', 'too_many_fields', base + '&a=b' * 100000)
    t.add('100,000 different pairs', 'too_many_fields', base + ''.join(f'&{n}=' for n in range(3000)) + '&a=b' * 97000)
    t.add('256 fields', 'accept', base + ''.join(f'&k{n}=v' for n in range(254)))
    t.add('257 fields', 'too_many_fields', base + ''.join(f'&k{n}=v' for n in range(255)))
    t.add('key of a million', 'key_too_long', base + '&' + 'k' * 1000000)
    t.add('key of 1024', 'accept', base + '&' + 'k' * 1024)
    t.add('message of a million', 'accept', f'{RENDER}={TOKEN}&message=' + 'm' * 1000000)
    t.add('message of encoded bytes', 'accept', f'{RENDER}={TOKEN}&message=' + '%01' * 349000)
    t.add('raw bytes to be replaced', 'accept', base.encode() + b'&k=' + b'\xff' * 349000)
    t.add('a number of a million digits', 'accept', f'{{"{RENDER}":"{TOKEN}","message":{"1" * 1000000}}}', content_type=JSON)
    t.add('depth of a million', 'bad_json', '[' * 1000000, content_type=JSON)
    t.add('over the largest', 'body_too_large', base.ljust(1048577, '&'))
    return t.rows


def unverified_rows():
    t = Table('no secret', [])
    t.add('nothing hidden', dict(render='unverified', age_seconds=None, identity='absent'), 'message=m', origin=None, endpoint=None)
    t.add('render token', dict(render='unverified', age_seconds=None), f'message=m&{RENDER}={TOKEN}')
    t.add('nonsense tokens', dict(render='unverified', identity='unconfigured', user_id=None), f'message=m&{RENDER}=x&{IDENTITY}=y')
    t.add('real identity', dict(identity='unconfigured', user_id=None), f'message=m&{IDENTITY}={USER}')
    t.add('honeypot', 'discard', f'message=m&{CHECK}=x')
    t.add('no message', 'message_missing', '')
    t.add('bad JSON', 'bad_json', '', content_type=JSON)
    t.add('no allow-list of _next', dict(next=None), 'message=m&_next=/thanks')
    t.add('any origin', dict(message='m'), 'message=m', origin='https://anywhere.example')
    t.add('null origin', 'origin_null', 'message=m', origin='null')
    return t.rows


def replay_rows():
    t = Table('replay', [LONG], max_uses=2)
    other = tokens.sign_render(LONG, FIRST + 1)
    t.add('bad field does not count', 'email_invalid', form(email='a'))
    t.add('honeypot does not count', 'discard', form({CHECK: 'x'}))
    t.add('too early does not count', 'render_too_fresh', form(), now=FIRST * 1000)
    t.add('first', dict(render='ok'), form())
    t.add('second', dict(render='ok'), form())
    t.add('third', 'render_replayed', form())
    t.add('third, a little later', 'render_replayed', form(), now=NOW + 3600 * 1000)
    t.add('of another second', dict(render='ok'), form({RENDER: other}))
    t.add('of another second again', dict(render='ok'), form({RENDER: other}))
    t.add('of another second, third', 'render_replayed', form({RENDER: other}))
    t.add('at the end of its time', 'render_replayed', form(), now=(FIRST + 14400) * 1000)
    return t.rows


def rows(root):
    t = main_table()
    for part in (whole_rows, identity_rows, field_rows, reserved_rows, honeypot_rows, origin_rows, content_type_rows, precedence_rows, json_rows):
        part(t)
    wpt_rows(t, root)
    signed_next.add(t, form)
    return [*t.rows, *limit_rows(), *unverified_rows(), *replay_rows()]
