"""Cases of newline-delimited submissions."""

import json

from signed_cases import FIRST, LONG, setup
from signed_submissions import FORM, HOME, JSON, NOW, TOKEN, form, json_body
from signed_verify import compact, verdict

BAD = 'bad_json'


class Lines:
    def __init__(self, name, *given, **options):
        row, self.setup = setup(name, *given, **options)
        self.name, self.rows = name, [row]

    def judge(self, body, content_type=JSON, origin=None, endpoint=None, now=NOW):
        sent = dict(content_type=content_type, origin=origin, endpoint=endpoint, body=body)
        return verdict(self.setup, now, sent)

    def bad(self, number):
        return self.judge(b'bad') | {'line': number}

    def add(self, name, lines, out, *, envelope=False, first=1, last=True, end='\n'):
        text = b''.join((one.encode() if isinstance(one, str) else one) + end.encode() for one in lines)
        if last:
            text = text.removesuffix(end.encode())
        self.rows.append(
            dict(name=f'{self.name}: {name}', call='lines', now=NOW, envelope=envelope, first=first, last=last)
            | {'in': text, 'out': ''.join(compact(one) + '\n' for one in out)}
        )


def plain_rows(t):
    good, json_good = t.judge(json_body().encode()), json_body()
    assert good['verdict'] == 'accept'
    other = t.judge(json_body(message='é\n"').encode())
    t.add('one', [json_good], [good])
    t.add('one with a line end', [json_good], [good], last=False)
    t.add('three', [json_good, json_body(message='é\n"'), json_good], [good, other, good])
    t.add('CR LF', [json_good] * 2, [good] * 2, end='\r\n', last=False)
    t.add('empty lines', ['', json_good, '', '', '{'], [good, t.bad(5)])
    t.add('empty lines with CR', ['\r', json_good, '\r', 'x'], [good, t.bad(4)])
    bad = ['x', '[]', '"a"', 'null', '1', '{', '{"a":1', '{} {}', ' ', '\ufeff{}', '{"a":"\xff"', '[' * 1000, b'{"a":"\xff"}', b'\xff', b'\0']
    t.add('no objects', bad, [t.bad(n + 1) for n in range(len(bad))])
    t.add('numbered from', ['x', '', 'y'], [t.bad(1000000000001), t.bad(1000000000003)], first=1000000000001)
    t.add('bad among good', [json_good, '{', json_good], [good, t.bad(2), good])
    t.add('bad value', ['{"message":null}'], [t.judge(b'{"message":null}')])
    t.add('other rejections', ['{}', json_body(email='a')], [t.judge(b'{}'), t.judge(json_body(email='a').encode())])
    t.add('last line left', [json_good, json_good[:50]], [good], last=False, end='\n')
    t.rows[-1]['in'] = t.rows[-1]['in'].removesuffix(b'\n')
    t.add('nothing', [''], [])
    t.add('white space around', [f' \t{json_good} '], [good])


def envelope(**members):
    return compact(members)


def envelope_rows(t):
    body, good = json_body(), t.judge(json_body().encode())
    posted = t.judge(form().encode(), FORM)
    assert good['verdict'] == posted['verdict'] == 'accept'

    def add(name, lines, out):
        t.add(name, lines, out, envelope=True)

    add('body only', [envelope(body=body)], [good])
    for at, id_ in enumerate(['a', '', 'é😀', 'x' * 254, '"', '\n']):
        add(f'id {at}', [envelope(id=id_, body=body)], [{'id': id_} | good])
    for text in ('0', '1', '-1', '1.5', '1e5', '9007199254740993', '1' * 256):
        line = f'{{"id":{text},"body":{json.dumps(body)}}}'
        t.add(f'number id {text[:30]}', [line], [], envelope=True)
        t.rows[-1]['out'] = f'{{"id":{text},{compact(good)[1:]}\n'
    for name, id_ in (('long', 'x' * 257), ('null', None), ('object', {}), ('array', []), ('boolean', True)):
        add(f'{name} id', [envelope(id=id_, body=body)], [t.bad(1)])
    add('form', [envelope(id=1, body=form(), content_type=FORM)], [{'id': 1} | posted])
    add('members in any order', [envelope(content_type=FORM, now=NOW / 1000, body=form(), id=1)], [{'id': 1} | posted])
    add('other content type', [envelope(body=body, content_type='text/plain')], [t.judge(b'', 'text/plain')])
    for now in (FIRST + 2, FIRST + 9.5, FIRST + 14401, 0, FIRST - 100):
        add(f'now {now}', [envelope(body=body, now=now)], [t.judge(body.encode(), now=now * 1000)])
    add('origin', [envelope(body=body, origin=HOME)], [good])
    add('null origin', [envelope(body=body, origin='null')], [t.judge(body.encode(), origin='null')])
    add('endpoint', [envelope(body=body, endpoint='a'), envelope(body=body, endpoint='!')], [good, t.judge(b'', endpoint='!')])
    add('bad body', [envelope(id=1, body='x'), envelope(body='')], [{'id': 1} | t.judge(b'x'), t.judge(b'')])
    bad = ['x', '[]', '{}', '{"id":1}', envelope(body=None), envelope(body=1), envelope(body={}), envelope(body=body)[:-1], envelope(body=body) + 'x']
    bad += [envelope(body=body, content_type=1), envelope(body=body, origin=1), envelope(body=body, endpoint=None), envelope(body=body, now='1')]
    bad += [envelope(body=body, now=-1), envelope(body=body, now=None), '{"body":"a","now":1e400}', '"a"', body]
    add('no envelopes', bad, [t.bad(n + 1) for n in range(len(bad))])
    add('bad among good envelopes', [envelope(id=1, body=body), '', '{', envelope(id=3, body=body)], [{'id': 1} | good, t.bad(3), {'id': 3} | good])
    add('escaped body', [envelope(body=body).replace('Hello', '\\u0048ello')], [good])
    add('escaped NUL', ['{"body":"message=a\\u0000","content_type":"%s"}' % FORM], [t.judge(b'message=a\0', FORM)])
    add('lone surrogate', ['{"body":"message=\\ud800&%s=%s","content_type":"%s"}' % ('plain_connect_render_token', TOKEN, FORM)], [t.judge(f'message=\ufffd&plain_connect_render_token={TOKEN}'.encode(), FORM)])


def rows():
    t = Lines('lines', [LONG])
    plain_rows(t)
    envelope_rows(t)
    return t.rows
