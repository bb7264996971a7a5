// Runs tests/vectors/signed.jsonl on any host: what a row means is said in
// tests/vectors/README.md. Nothing here needs Node.
//
// A host is an object with these methods; each returns what the C function of
// that name does (sonde_signed.h), a number below 0 being a status:
//
//   start({ options, secrets, origins, next })   a new verifier
//   secret(bytes) origin(bytes) next(bytes)
//   seal(nonce, id) → text       open(token) → bytes
//   render(now) → text           check(now, token) → [SONDE_RENDER_…, age]
//   nonce(expiry, random, session, path) → text
//   nonceCheck(now, nonce, session, path)
//   verify([{ now, contentType, origin, endpoint, body }]) → [text]
//   lines(now, bytes, { first, envelope, last }) → text

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const RENDERS = ['ok', 'too_fresh', 'stale', 'future', 'invalid', 'missing', 'unverified'];

export const utf8 = (text) => encoder.encode(text);
export const textOf = (bytes) => decoder.decode(bytes);

export function hexBytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function partBytes(part) {
  if (typeof part === 'string') return utf8(part);
  const unit = part.hex === undefined ? utf8(part.text) : hexBytes(part.hex);
  const out = new Uint8Array(unit.length * (part.times ?? 1));
  for (let at = 0; at < out.length; at += unit.length) out.set(unit, at);
  return out;
}

/** The bytes of a string or of an array of parts. */
export function bytesOf(data) {
  const parts = (Array.isArray(data) ? data : [data]).map(partBytes);
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** [{ setup, rows }] */
export function readTable(text) {
  const groups = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line);
    if (row.setup === undefined) groups.at(-1).rows.push(row);
    else groups.push({ setup: row, rows: [] });
  }
  return groups;
}

/** A submission as hosts take it. */
export function submissionOf(row) {
  return {
    now: row.now,
    contentType: bytesOf(row.content_type),
    origin: row.origin === null ? null : bytesOf(row.origin),
    endpoint: row.endpoint === null ? null : bytesOf(row.endpoint),
    body: bytesOf(row.body),
  };
}

const CALLS = {
  seal: (host, row) => host.seal(hexBytes(row.nonce_hex), bytesOf(row.id)),
  open: (host, row) => host.open(bytesOf(row.token)),
  render: (host, row) => host.render(row.now),
  check: (host, row) => host.check(row.now, bytesOf(row.token)),
  nonce: (host, row) =>
    host.nonce(row.expiry, hexBytes(row.nonce_hex), bytesOf(row.session), bytesOf(row.path)),
  nonce_check: (host, row) =>
    host.nonceCheck(row.now, bytesOf(row.nonce), bytesOf(row.session), bytesOf(row.path)),
  verify: (host, row) => host.verify([submissionOf(row)])[0],
  lines: (host, row) => host.lines(row.now, bytesOf(row.in), row),
  secret: (host, row) => host.secret(bytesOf(row.text)),
  origin: (host, row) => host.origin(bytesOf(row.text)),
  next: (host, row) => host.next(bytesOf(row.text)),
};

const EXPECTED = {
  seal: (row) => textOf(bytesOf(row.token)),
  open: (row) => bytesOf(row.id),
  render: (row) => textOf(bytesOf(row.token)),
  check: (row) => [RENDERS.indexOf(row.render), row.age ?? -1],
  nonce: (row) => textOf(bytesOf(row.nonce)),
  nonce_check: (row) => row.left,
  verify: (row) => textOf(bytesOf(row.verdict)),
  lines: (row) => textOf(bytesOf(row.out)),
  secret: (row) => row.count,
  origin: (row) => row.count,
  next: (row) => row.count,
};

const shown = (value) => {
  const text = value instanceof Uint8Array || Array.isArray(value) ? `[${value}]` : String(value);
  return text.length > 600 ? `${text.slice(0, 600)}… of ${text.length}` : text;
};

/** What is wrong with a result, or null. */
export function difference(row, have, statusName) {
  const want = row.status ?? EXPECTED[row.call](row);
  const got = typeof have === 'number' && have < 0 ? statusName(have) : have;
  if (shown(got) === shown(want) && String(got) === String(want)) return null;
  return `${row.name}\n  want ${shown(want)}\n  have ${shown(got)}`;
}

/** Runs all; returns { passed, failures: [text] }. */
export function runTable(groups, host, statusName) {
  const failures = [];
  let passed = 0;
  for (const { setup, rows } of groups) {
    host.start(setup);
    for (const row of rows) {
      const wrong = difference(row, CALLS[row.call](host, row), statusName);
      if (wrong === null) passed++;
      else failures.push(wrong);
    }
  }
  return { passed, failures };
}
