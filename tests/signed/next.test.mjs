// `_next` against Node's URL parser. Safe: what is allowed leads, for a
// browser, where the list says. Complete: what leads there and is spelt as the
// parser itself would spell it is allowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHost, table } from './lib/facts.mjs';
import { bytesOf, textOf, utf8 } from './lib/table.mjs';
import { Targets } from './lib/targets.mjs';

const SITE = 'https://endpoint.example';
const ORIGINS = ['https://app.example', 'https://shop.example:8443', 'http://localhost'];
const SEED = Number(process.env.SONDE_SEED ?? 4);
const COUNT = Number(process.env.SONDE_COUNT ?? 20000);

/** The texts of the table are what mutations start from. */
function tableTexts() {
  const rows = table().flatMap((group) => group.rows).filter((row) => row.name.includes('_next '));
  const texts = rows.map((row) => new URLSearchParams(textOf(bytesOf(row.body))).get('_next'));
  return texts.filter((text) => text && text.length < 200);
}

function submissionOf(text) {
  return {
    now: 0,
    contentType: utf8('application/json'),
    origin: null,
    endpoint: null,
    body: utf8(JSON.stringify({ message: 'm', _next: text })),
  };
}

function isBelow(path, entries) {
  return entries.some((entry) => path === entry || path.startsWith(entry.endsWith('/') ? entry : `${entry}/`));
}

/** Where a browser goes; null if nowhere. */
function resolved(text) {
  try {
    return new URL(text, SITE);
  } catch {
    return null;
  }
}

function leadsThere(text, url, paths) {
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (text.startsWith('/')) return url.origin === SITE && isBelow(url.pathname, paths);
  return ORIGINS.includes(url.origin);
}

function isCanonical(text, url) {
  if (url === null || !/^[!-[\]-~]+$/.test(text)) return false;
  if (/^\/(%2f|%5c)/i.test(text)) return false; // safe for URL, not for one who decodes again
  // Node 20 keeps ".." behind a segment such as ".|", against the standard
  if (text.startsWith('/') && /\/(\.|%2e){1,2}(?=[/?#]|$)/i.test(url.pathname)) return false;
  if (text.startsWith('/')) return text === url.pathname + url.search + url.hash;
  return text.startsWith(url.origin) && /^([/?#]|$)/.test(text.slice(url.origin.length));
}

function compare(texts, paths) {
  const host = newHost().start({ next: [...ORIGINS, ...paths], options: { max_input: 4194304, allow_weak_secret: 1 } });
  const verdicts = host.verify(texts.map(submissionOf)).map((text) => JSON.parse(text));
  const counts = { allowed: 0, ignored: 0, canonical: 0 };
  texts.forEach((text, i) => {
    const url = resolved(text);
    const { next } = verdicts[i];
    assert.ok(next === null || next === text, `another text than was sent: ${JSON.stringify(text)}`);
    if (next !== null) assert.ok(leadsThere(text, url, paths), `allowed, leads to ${url}: ${JSON.stringify(text)}`);
    const must = isCanonical(text, url) && leadsThere(text, url, paths);
    if (must) assert.ok(next !== null, `not allowed, leads to ${url}: ${JSON.stringify(text)}`);
    counts[next === null ? 'ignored' : 'allowed']++;
    counts.canonical += must;
  });
  return counts;
}

for (const paths of [['/thanks', '/a/b'], ['/'], []]) {
  test(`${COUNT} texts, paths ${JSON.stringify(paths)}`, (t) => {
    const targets = new Targets(SEED, tableTexts());
    const texts = [...targets.texts, ...Array.from({ length: COUNT }, () => targets.next())];
    const counts = compare(texts, paths);
    t.diagnostic(`seed ${SEED}: ${JSON.stringify(counts)}`);
    assert.ok(counts.allowed > COUNT / 50 && counts.canonical > COUNT / 50, 'too few to mean anything');
  });
}
