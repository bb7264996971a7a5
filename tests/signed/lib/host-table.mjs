// What a verifier of the JavaScript host must answer: the tables of
// wire-formats.md 1 to 3 and bad input. The same in Node and in workers.

const WEAK = { secrets: ['app-secret'], allowWeakSecret: true };
const STRONG = 'a secret of thirty-two characters';
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const IDS = [
  ['42', '000102030405060708090a0b', 'AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR'],
  ['7', 'f'.repeat(24), '________________Aa9vc0gaI5dFo_klwNBAMYE='],
  ['user-é-😀', '202122232425262728292a2b', 'ICEiIyQlJicoKSorSd6O4v9fBdz_jq70pJfdFTjvZFLQiKIroJbUdw=='],
];
const [[, , TOKEN]] = IDS;

const RENDERED = [
  [0, '0.8f7d20d249ea1b0c34a5dd22a9bb0b631127cb10a1b60794c1f4987b28d2a9e9'],
  [1700000000, '1700000000.654f7e64257f91fff31252fc8eba65ec024f2c017fcdd94cd8def9f0232cc57d'],
  [1763661600, '1763661600.5054ff372c5688231a2f0369dc640461e4830dff19595ee07f165613d1c0dda6'],
];
const [, [SECOND, RENDER]] = RENDERED;
const NOW = (SECOND + 17) * 1000;

const is = (result) => ({ result });
const has = (part) => ({ part });
const fails = (pattern) => ({ error: pattern.source });

/** A row with one verifier. Each step is a call and what is wanted of it. */
const row = (name, options, steps, random) => ({
  name, options, random, calls: steps.map(([call]) => call), want: steps.map(([, want]) => want),
});

const identity = [
  ...IDS.map(([id, nonce, token]) => row(`identity ${id}`, WEAK, [
    [['mintIdentity', id], is(token)],
    [['openIdentity', token], is(id)],
    [['openIdentity', token.replace(/=+$/, '')], is(id)],
  ], nonce)),
  row('identity: a whole number is its digits', WEAK, [[['mintIdentity', 42], is(TOKEN)]], IDS[0][1]),
  row('identity: what does not open', WEAK, [
    ...[
      ['', 'MALFORMED'], ['A', 'MALFORMED'], ['AAAA', 'MALFORMED'],
      ['DA0ODxAREhMUFRYXzLlCHjQGChvFoHUb3APKwA==', 'MALFORMED'], // an empty id
      [`${TOKEN}=`, 'MALFORMED'], [`${TOKEN}\n`, 'MALFORMED'], [` ${TOKEN}`, 'MALFORMED'],
      [IDS[1][2].replace('=', '=='), 'MALFORMED'],
      [IDS[1][2].replace('E=', 'F='), 'MALFORMED'], // bits behind the last byte
      [IDS[1][2].replaceAll('_', '/'), 'MALFORMED'], // the standard alphabet
      [TOKEN.replace('A', 'Ł'), 'MALFORMED'], // U+0141, whose low byte is A
      ['A'.repeat(40) + 'é', 'MALFORMED'], ['A'.repeat(6000), 'MALFORMED'], ['é'.repeat(3000), 'MALFORMED'],
      [TOKEN.replace('R', 'S'), 'FORGED'], [TOKEN.replace('AAE', 'BAE'), 'FORGED'], [TOKEN.slice(0, -4), 'MALFORMED'], [IDS[2][2].slice(0, -8), 'FORGED'],
    ].flatMap(([token, status]) => [[['openIdentity', token], is(null)], [['lastStatus'], is(status)]]),
    [['openIdentity', null], fails(/^TypeError: .*token must be a string, not null/)],
    [['openIdentity', TOKEN], is('42')],
  ]),
  row('identity: no such id', WEAK, [
    [['mintIdentity', ''], fails(/^RangeError: .*id: it must have 1 to 4,096 bytes/)],
    [['mintIdentity', 'x'.repeat(4097)], fails(/^RangeError: .*id/)],
    [['mintIdentity', 'x'.repeat(1e6)], fails(/^RangeError: .*id/)],
    [['mintIdentity', 'a\ud800'], fails(/^TypeError: .*surrogate/)],
    [['mintIdentity', 1.5], fails(/^TypeError: .*id must be/)],
    [['mintIdentity', null], fails(/^TypeError: .*id must be a string or a whole number, not null/)],
    [['mintIdentity', '42'], is(TOKEN)],
  ], IDS[0][1]),
  row('identity: random bytes that are none', WEAK, [[['mintIdentity', '42'], fails(/^RangeError/)]], '00'.repeat(12)),
  row('identity: rotation', { secrets: [STRONG, 'app-secret'], allowWeakSecret: true }, [
    [['openIdentity', TOKEN], is('42')],
    [['checkRenderToken', RENDER, NOW], is({ render: 'ok', ageSeconds: 17 })],
  ]),
  row('identity: without a secret', {}, [
    [['mintIdentity', '42'], fails(/^RangeError: .*no secret is configured/)],
    [['openIdentity', TOKEN], fails(/^Error: .*no secret is configured/)],
    [['signRenderToken', NOW], is('')],
    [['checkRenderToken', RENDER, NOW], is({ render: 'unverified', ageSeconds: null })],
    [['verify', { body: JSON.stringify({ message: 'hi', plain_connect_identity: TOKEN }), contentType: JSON_TYPE, now: NOW }],
      has({ verdict: 'accept', render: 'unverified', identity: 'unconfigured', user_id: null })],
  ]),
];

const at = (age) => (SECOND + age) * 1000;
const checked = (token, now, render, ageSeconds = null) => [['checkRenderToken', token, now], is({ render, ageSeconds })];
const render = [
  ...RENDERED.map(([second, token]) => row(`render ${second}`, WEAK, [
    [['signRenderToken', second * 1000 + 999], is(token)],
    checked(token, (second + 60) * 1000, 'ok', 60),
  ])),
  row('render: ages', WEAK, [
    checked(RENDER, at(1) + 999, 'too_fresh', 1), checked(RENDER, at(2), 'ok', 2),
    checked(RENDER, at(14400), 'ok', 14400), checked(RENDER, at(14401), 'stale', 14401),
    checked(RENDER, at(-5), 'too_fresh', 0), checked(RENDER, at(-6), 'future'), checked(RENDER, 0, 'future'),
  ]),
  row('render: what is no token', WEAK, [
    checked('', NOW, 'missing'),
    ...['.', '0', `0${RENDER}`, `+${RENDER}`, ` ${RENDER}`, `${RENDER}\n`, `${RENDER}0`, RENDER.toUpperCase(), RENDER.slice(0, -1),
      RENDER.replace('1', '2'), RENDER.replace('.', '..'), RENDER.replace('654f', '654e'), `٣${RENDER}`, '9'.repeat(5000), RENDER.replace('1700000000', '1e9'),
    ].map((token) => checked(token, NOW, 'invalid')),
    [['checkRenderToken', RENDER, -1], fails(/^RangeError: .*now must be milliseconds since 1970, not -1/)],
    [['checkRenderToken', RENDER, 1e17], fails(/^RangeError: .*now/)],
    [['checkRenderToken', RENDER, 'now'], fails(/^RangeError: .*now must be milliseconds since 1970, not string/)],
  ]),
];

/** Computed by Python's hmac. */
const NONCE = 'ZVPxZAABAgMEBQYHCAkKC9uQ-n0lAHEHzI2De-aLFY0';
const BOUND = { session: 'session', path: '/page' };
const nonces = [
  row('nonce', WEAK, [
    [['sealNonce', { ...BOUND, expiry: SECOND + 100 }], is(NONCE)],
    [['openNonce', NONCE, { ...BOUND, now: at(0) }], is(100)],
    [['openNonce', NONCE, { ...BOUND, now: at(101) }], is(null)],
    [['lastStatus'], is('EXPIRED')],
    [['openNonce', NONCE, { ...BOUND, path: '/pag', now: at(0) }], is(null)],
    [['lastStatus'], is('FORGED')],
    [['openNonce', '', { ...BOUND, now: at(0) }], is(null)],
    [['openNonce', 'x'.repeat(1e5), { ...BOUND, now: at(0) }], is(null)],
    [['lastStatus'], is('MALFORMED')],
    [['sealNonce', { ...BOUND, expiry: 2 ** 32 }], fails(/^RangeError: .*expiry/)],
    [['sealNonce', { ...BOUND, expiry: 'soon' }], fails(/^RangeError: .*expiry/)],
    [['sealNonce', { ...BOUND, path: 'x'.repeat(65536), expiry: SECOND }], fails(/^RangeError: .*path must have at most 65535 bytes/)],
    [['sealNonce', { ...BOUND, session: 7, expiry: SECOND }], fails(/^TypeError: .*session must be a string, not 7$/)],
  ], IDS[0][1]),
];

const FIELDS = { plain_connect_render_token: RENDER, plain_connect_identity: TOKEN, plain_connect_check: '', name: 'Zoë', email: 'zoe@example.com', message: 'Hi 😀\nthere' };
const json = (fields, more) => ['verify', { body: JSON.stringify({ ...FIELDS, ...fields }), contentType: JSON_TYPE, now: NOW, ...more }];
const form = (fields, more) => ['verify', { body: `${new URLSearchParams({ ...FIELDS, ...fields })}`, contentType: FORM_TYPE, now: NOW, ...more }];
const accepted = { verdict: 'accept', reason: null, render: 'ok', age_seconds: 17, user_id: '42', identity: 'ok', name: 'Zoë', email: 'zoe@example.com', form_slug: null, next: null, extras: {} };
const rejected = (reason) => has({ verdict: 'reject', reason, user_id: null, message: null });
const hex = (text) => Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('');

const submissions = [
  row('a submission', WEAK, [
    [json(), is({ ...accepted, message: 'Hi 😀\nthere' })],
    [form(), is({ ...accepted, message: 'Hi 😀\nthere' })],
    [json({}, { body: { hex: hex(JSON.stringify(FIELDS)) } }), is({ ...accepted, message: 'Hi 😀\nthere' })],
    [json({}, { contentType: 'application/json; charset=utf-8' }), has({ verdict: 'accept' })],
    [['verifyLine', { ...json()[1], body: JSON.stringify({ ...FIELDS, message: 'm' }) }],
      is('{"verdict":"accept","reason":null,"render":"ok","age_seconds":17,"user_id":"42","identity":"ok","name":"Zoë","email":"zoe@example.com","message":"m","form_slug":null,"next":null,"extras":{}}')],
  ]),
  row('what is rejected, and why', WEAK, [
    [json({ message: ' \u3000\t' }), rejected('message_missing')],
    [json({ email: 'a@b, c@d' }), rejected('email_invalid')],
    [json({ name: 'a\r\nBcc: x' }), rejected('name_invalid')],
    [json({ form_slug: 'A b' }), rejected('form_slug_invalid')],
    [json({ x: 'a\0b' }), rejected('nul_character')],
    [json({ plain_connect_render_token: '' }), rejected('render_missing')],
    [json({ plain_connect_render_token: 'x' }), rejected('render_invalid')],
    [json({}, { now: at(1) }), rejected('render_too_fresh')],
    [json({}, { now: at(20000) }), rejected('render_stale')],
    [json({}, { now: at(-60) }), rejected('render_future')],
    [json({}, { origin: 'null' }), rejected('origin_null')],
    [json({}, { endpoint: 'a b' }), rejected('endpoint_invalid')],
    [json({}, { endpoint: '' }), rejected('endpoint_invalid')],
    [json({}, { endpoint: 'é' }), rejected('endpoint_invalid')],
    [json({}, { endpoint: 'x'.repeat(65) }), rejected('endpoint_invalid')],
    [json({}, { endpoint: 'x'.repeat(64) }), has({ verdict: 'accept' })],
    [json({}, { contentType: null }), rejected('content_type')],
    [json({}, { contentType: 'multipart/form-data; boundary=x' }), rejected('content_type')],
    [json({}, { contentType: 'application/json; charset=é' }), rejected('content_type')],
    [json({}, { contentType: 'x'.repeat(1e5) }), rejected('content_type')],
    [json({}, { body: '' }), rejected('bad_json')],
    [json({}, { body: '['.repeat(1e5) }), rejected('body_too_large')],
    [json({}, { body: '["x"]' }), rejected('bad_json')],
    [json({}, { body: { hex: '7b22ff223a317d' } }), rejected('bad_json')],
    [json({}, { body: 'é'.repeat(4e5) }), rejected('body_too_large')],
    [form({}, { body: 'email=a@b.c&email=a@b.c&message=x' }), rejected('duplicate_field')],
    [form({}, { body: 'x=1&'.repeat(70) }), rejected('too_many_fields')],
    [form({ ['k'.repeat(129)]: 'v' }), rejected('key_too_long')],
    [form({ x: 'v'.repeat(16385) }), rejected('value_too_long')],
    [form({ message: 'v'.repeat(16385) }), rejected('message_too_long')],
    [form({ plain_connect_check: 'bot' }), has({ verdict: 'discard', reason: null, message: null })],
    [json({ plain_connect_identity: `${TOKEN}A` }), has({ verdict: 'accept', identity: 'invalid', user_id: null })],
    [json({ plain_connect_identity: '' }), has({ verdict: 'accept', identity: 'absent', user_id: null })],
  ]),
  row('origins and targets', { ...WEAK, allowOrigins: ['https://shop.example', 'http://127.0.0.1:8080'], allowNext: ['https://shop.example', '/thanks'] }, [
    [json({}, { origin: 'https://shop.example' }), has({ verdict: 'accept' })],
    [json({}, { origin: 'http://127.0.0.1:8080' }), has({ verdict: 'accept' })],
    [json({}, { origin: 'https://shop.example.evil' }), rejected('origin_not_allowed')],
    [json({}, { origin: 'https://shöp.example' }), rejected('origin_not_allowed')],
    [json({}, { origin: '' }), rejected('origin_not_allowed')],
    [json({}, { origin: null }), rejected('origin_missing')],
    [json({}, {}), rejected('origin_missing')],
    ...[['https://shop.example/done?a=1', true], ['/thanks', true], ['/thanks/a', true], ['/thanksx', false], ['//evil.example', false], ['https://evil.example', false], ['javascript:alert(1)', false]]
      .map(([next, good]) => [form({ _next: next }, { origin: 'https://shop.example' }), has({ verdict: 'accept', next: good ? next : null })]),
  ]),
  row('extras are data', WEAK, [
    [form({}, { body: `message=x&plain_connect_render_token=${RENDER}&__proto__=a&constructor=b&a%5Bb%5D=c&plus=+%2B&%FF=%zz` }),
      has({ extras: { ['__proto__']: 'a', constructor: 'b', 'a[b]': 'c', plus: ' +', '\ufffd': '%zz' } })],
    [json({ n: 1, t: true }), has({ extras: { n: '1', t: 'true' } })],
  ]),
  row('a replay filter', { ...WEAK, maxUses: 1 }, [
    [json(), has({ verdict: 'accept' })],
    [json(), rejected('render_replayed')],
  ]),
  row('limits of its own', { ...WEAK, maxBody: 1024, maxMessage: 5 }, [
    [json({ message: '12345' }), has({ verdict: 'accept' })],
    [json({ message: '123456' }), rejected('message_too_long')],
    [json({ x: 'y'.repeat(1024) }), rejected('body_too_large')],
  ]),
  row('many', WEAK, [
    [['verifyMany', Array.from({ length: 300 }, (_, i) => json({ message: `m${i} ${'é'.repeat(i)}` })[1])], { messages: Array.from({ length: 300 }, (_, i) => `m${i} ${'é'.repeat(i)}`) }],
    [['verifyMany', []], is([])],
    [['verifyMany', Array.from({ length: 12 }, (_, i) => json({ message: `${i}`, a: 'x'.repeat(16000), b: '\u0001'.repeat(8000) })[1])], { messages: Array.from({ length: 12 }, (_, i) => `${i}`) }],
    [['verifyMany', [json()[1], { body: 7 }]], fails(/^TypeError: .*body must be a string, a Uint8Array or an ArrayBuffer, not 7$/)],
  ]),
  row('what is no submission', WEAK, [
    [['verifyMany', 7], fails(/^TypeError: .*verifyMany takes an iterable of submissions, not 7$/)],
    [['verify', null], fails(/^TypeError: .*a submission is an object with a body, not null/)],
    [['verify', {}], fails(/^TypeError: .*body must be/)],
    [['verify', { body: '', origin: 7 }], fails(/^TypeError: .*origin must be a string or null, not 7$/)],
    [['verify', { body: '', now: -5 }], fails(/^RangeError: .*now must be milliseconds since 1970, not -5/)],
    [json(), has({ verdict: 'accept' })],
  ]),
  row('wiped', WEAK, [
    [['wipe'], is(null)],
    [['openIdentity', TOKEN], fails(/^Error: .*was wiped/)],
    [['mintIdentity', '1'], fails(/^Error: .*was wiped/)],
    [['signRenderToken', NOW], fails(/^Error: .*was wiped/)],
    [json(), fails(/^Error: .*was wiped/)],
    [['wipe'], is(null)],
  ]),
];

const refused = (name, options, pattern) => ({ name: `options: ${name}`, options, calls: [['lastStatus']], want: [fails(pattern)] });
const options = [
  refused('misspelt', { maxBodi: 1 }, /^TypeError: .*no option maxBodi.*maxBody/),
  refused('below its range', { maxBody: 1 }, /^RangeError: .*option maxBody must be a whole number from 1024 to 1048576, not 1$/),
  refused('not whole', { maxAge: 1.5 }, /^RangeError: .*maxAge.*not 1\.5$/),
  refused('text for a number', { maxAge: '60' }, /^RangeError: .*maxAge.*not string$/),
  refused('a number for a boolean', { allowWeakSecret: 1 }, /^TypeError: .*allowWeakSecret must be true or false, not 1$/),
  refused('input smaller than a body', { maxInput: 65536 }, /^RangeError: .*maxInput must be at least maxBody \+ 4096, which is 69632, not 65536$/),
  refused('a secret that is no list', { secrets: STRONG }, /^TypeError: .*secrets must be an array of strings, not string$/),
  refused('a weak secret', { secrets: [STRONG, 'swordfish'] }, /^RangeError: .*secrets\[1\], it has 9 bytes: a secret has 16 to 1,024 bytes.*allowWeakSecret/),
  refused('an empty secret', { secrets: [''] }, /^RangeError: .*secrets\[0\], it has 0 bytes: a secret has 16/),
  refused('a secret that is too long', { secrets: ['x'.repeat(1025)] }, /^RangeError: .*secrets\[0\], it has 1025 bytes/),
  refused('a secret of a megabyte', { secrets: ['x'.repeat(1 << 20)] }, /^RangeError: .*secrets\[0\]/),
  refused('half a character in a secret', { secrets: [`${STRONG}\ud800`] }, /^TypeError: .*secrets\[0\] must be a well-formed string/),
  refused('nine secrets', { secrets: Array(9).fill(STRONG) }, /^RangeError: .*secrets\[8\].*at most 8 secrets/),
  refused('a secret that is no text', { secrets: [7] }, /^TypeError: .*secrets\[0\] must be a well-formed string, not 7$/),
  refused('an origin with a path', { allowOrigins: ['https://shop.example/'] }, /^RangeError: .*allowOrigins\[0\], "https:\/\/shop\.example\/": .*no path or slash/),
  refused('a target that is none', { allowNext: ['thanks'] }, /^RangeError: .*allowNext\[0\], "thanks": .*such as "\/thanks"/),
  refused('random that is no function', { random: 4 }, /^TypeError: .*random must be a function, not 4$/),
  refused('another module', { module: null }, /^TypeError: .*module must be a WebAssembly\.Module, .*not null$/),
];

/** Secrets that no error may show. */
export const SECRETS = ['app-secret', STRONG, 'swordfish'];

/** What is wanted is not for the host's eyes. */
export const TABLE = [...identity, ...render, ...nonces, ...submissions, ...options];
