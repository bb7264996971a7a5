"""The verdict on a submission by its written rules: see verdict()."""

import json
import re
import urllib.parse

import signed_tokens as tokens

RENDER = 'plain_connect_render_token'
IDENTITY = 'plain_connect_identity'
CHECK = 'plain_connect_check'
RESERVED = {RENDER, IDENTITY, CHECK, 'name', 'email', 'message', 'form_slug', '_next'}
# What String.prototype.trim takes off.
JS_SPACE = '\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff' + ''.join(
    chr(c) for c in range(0x2000, 0x200B)
)


class Rejected(Exception):
    pass


def content_kind(text):
    """'form' or 'json'."""
    essence, *parameters = [part.strip(' \t') for part in text.split(';')]
    for one in parameters:
        name, _, value = one.partition('=')
        if name.strip(' \t').lower() == 'charset' and value.strip('"').lower() != 'utf-8':
            raise Rejected('content_type')
    kinds = {'application/x-www-form-urlencoded': 'form', 'application/json': 'json'}
    if essence.lower() not in kinds:
        raise Rejected('content_type')
    return kinds[essence.lower()]


def form_pairs(body):
    def decode(part):
        part = urllib.parse.unquote_to_bytes(part.replace(b'+', b' '))
        return part.decode('utf-8', 'replace')

    for pair in body.split(b'&'):
        if pair:
            key, _, value = pair.partition(b'=')
            yield decode(key), decode(value)


class Raw(str):
    """A JSON number's own text."""


def well_formed(text):
    return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def json_text(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if not isinstance(value, str):
        raise Rejected('bad_value')
    return value if isinstance(value, Raw) else well_formed(value)


class Pairs(list):
    """A JSON object."""


def no_constant(text):
    raise ValueError(text)


def json_pairs(body):
    try:
        found = json.loads(
            body.decode('utf-8'),
            object_pairs_hook=Pairs,
            parse_int=Raw,
            parse_float=Raw,
            parse_constant=no_constant,
        )
    except RecursionError:  # whatever follows the first value that is no text
        raise Rejected('bad_value' if body.startswith(b'{') else 'bad_json') from None
    except ValueError:
        raise Rejected('bad_json') from None
    if not isinstance(found, Pairs):
        raise Rejected('bad_json')
    return [(well_formed(key), json_text(value)) for key, value in found]


def limits(pairs, options):
    if len(pairs) > options['max_fields']:
        raise Rejected('too_many_fields')
    for key, value in pairs:
        if '\0' in key + value:
            raise Rejected('nul_character')
        if len(key.encode()) > options['max_key']:
            raise Rejected('key_too_long')
        size = len(value.encode())
        own = {'message': 'message_too_long', 'email': 'email_invalid'}
        most = options[f'max_{key}' if key in own else 'max_value']
        if size > most:
            raise Rejected(own.get(key, 'value_too_long'))


def sort_out(pairs):
    """Reserved fields, and extras: of equal ones the last, where the first is."""
    fields, extras = {}, {}
    for key, value in pairs:
        if key in RESERVED and key in fields:
            raise Rejected('duplicate_field')
        (fields if key in RESERVED else extras)[key] = value
    return fields, extras


def valid_email(text):
    one, at, two = text.partition('@')
    bad = re.search(r'[\0-\x20\x7f,;<>]', text)
    return bool(one and two) and '@' not in two and not bad


def check_fields(fields):
    if re.search('[\r\n]', fields.get('name', '')):
        raise Rejected('name_invalid')
    email = fields.get('email', '')
    if email and not valid_email(email):
        raise Rejected('email_invalid')
    slug = fields.get('form_slug', '')
    if slug and not re.fullmatch('[a-z0-9-]{1,64}', slug):
        raise Rejected('form_slug_invalid')
    if re.search('[\r\n]', fields.get('_next', '')):
        raise Rejected('next_invalid')
    if not fields.get('message', '').strip(JS_SPACE):
        raise Rejected('message_missing')


def allowed_next(text, targets):
    if not re.fullmatch(r'[!-\[\]-~]+', text):
        return False
    path = re.match(r'[^?#]*', text)[0]
    dots = [one for one in path.split('/') if re.fullmatch(r'(\.|%2e){1,2}', one, re.I)]
    for target in targets:
        if not target.startswith('/'):
            if text.startswith(target) and text[len(target) : len(target) + 1] in ('', '/', '?', '#'):
                return True
        elif re.match(r'/(?!/|%2f|%5c)', text, re.I) and not dots:
            below = path.startswith(target if target.endswith('/') else target + '/')
            if path == target or below:
                return True
    return False


def identity_of(fields, secrets):
    token = fields.get(IDENTITY, '')
    if not token:
        return 'absent', None
    if not secrets:
        return 'unconfigured', None
    found = tokens.open_(secrets, token)
    return ('invalid', None) if isinstance(found, str) else ('ok', found.decode())


def check_origin(origin, origins):
    if origin == 'null':
        raise Rejected('origin_null')
    if origins and origin is None:
        raise Rejected('origin_missing')
    if origins and origin not in origins:
        raise Rejected('origin_not_allowed')


def next_of(fields, setup):
    to = fields.get('_next', '')
    return to if allowed_next(to, setup['next']) else None


def judge(out, setup, now, sent):
    options, secrets = setup['options'], setup['secrets']
    if sent['endpoint'] is not None and not re.fullmatch('[A-Za-z0-9_-]{1,64}', sent['endpoint']):
        raise Rejected('endpoint_invalid')
    check_origin(sent['origin'], setup['origins'])
    kind = content_kind(sent['content_type'])
    if len(sent['body']) > options['max_body']:
        raise Rejected('body_too_large')
    pairs = list((form_pairs if kind == 'form' else json_pairs)(sent['body']))
    limits(pairs, options)
    fields, extras = sort_out(pairs)
    if fields.get(CHECK, ''):
        out['verdict'] = 'discard'
        out['next'] = next_of(fields, setup)
        return
    render, age = tokens.check_render(secrets, fields.get(RENDER, ''), now, options)
    out.update(render=render, age_seconds=age)
    if render not in ('ok', 'unverified'):
        raise Rejected('render_' + render)
    second = fields.get(RENDER, '').partition('.')[0]
    uses = setup['uses'].get(second, 0)
    if render == 'ok' and options['max_uses'] and uses >= options['max_uses']:
        raise Rejected('render_replayed')
    check_fields(fields)
    setup['uses'][second] = uses + 1
    accept(out, setup, fields, extras)


def accept(out, setup, fields, extras):
    identity, user_id = identity_of(fields, setup['secrets'])
    out.update(verdict='accept', user_id=user_id, identity=identity, extras=extras)
    for name in ('name', 'email', 'message', 'form_slug'):
        out[name] = fields.get(name) or None
    out['next'] = next_of(fields, setup)


def verdict(setup, now, sent):
    """The verdict as a dict whose members are in their order."""
    out = dict.fromkeys(
        'verdict reason render age_seconds user_id identity name email message form_slug next extras'.split()
    )
    out.update(
        verdict='reject',
        render='missing' if setup['secrets'] else 'unverified',
        identity='absent',
        extras={},
    )
    try:
        judge(out, setup, now, sent)
    except Rejected as why:
        out['reason'] = str(why)
    return out


def compact(value):
    """As JSON.stringify writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))
