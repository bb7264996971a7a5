// tests/vectors/logs.txt in Chromium: the code that runs them in Node, served
// as it is, with the few things of Node that it uses stood in for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { launchChromium } from '../../examples/demo/lib/chromium.mjs';
import { ROOT, startSite } from '../lib/site.mjs';
import { cases } from '../wasm/lib/vector.mjs';

/** Stands for node:fs; the page is not in a hurry. */
const FS = `
export function readFileSync(url, encoding) {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.overrideMimeType('text/plain; charset=' + (encoding ?? 'x-user-defined'));
  request.send();
  if (request.status !== 200) throw new Error(request.status + ' ' + url);
  return encoding ? request.responseText : Uint8Array.from(request.responseText, (char) => char.charCodeAt(0));
}`;

const ASSERT = `
const assert = {
  ok(value, message) { if (!value) throw new Error(message ?? 'not ok'); },
  equal(a, b, message) { if (!Object.is(a, b)) throw new Error((message ?? 'not equal') + ': ' + a + ' and ' + b); },
};
export default assert;`;

const PAGE = `<!doctype html>
<script type="importmap">{"imports": {"node:fs": "/fs.js", "node:assert/strict": "/assert.js"}}</script>
<script type="module" src="/run.js"></script>`;

const RUN = `
globalThis.process = { env: {} };
globalThis.Buffer = {
  from: (data, encoding) => (encoding === 'hex'
    ? Uint8Array.from(data.match(/../g) ?? [], (digits) => parseInt(digits, 16)) : data),
  concat: (list) => Uint8Array.from(list.flatMap((bytes) => [...bytes])),
};
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const WAYS = [{ bytes: true }, { bytes: false }, { bytes: false, interned: true, wide: true }];
const { bodyOf } = await import('/tests/wasm/lib/bodies.mjs');
const { IllFormed } = await import('/tests/wasm/lib/fill.mjs');
const { cases } = await import('/tests/wasm/lib/vector.mjs');

/** A text that is no text can only be handed over as bytes. */
function attempt(vector, encoding, way) {
  try {
    return hex(bodyOf('web', vector, encoding, way).body);
  } catch (error) {
    if (error instanceof IllFormed && !way.bytes) return undefined;
    return String(error);
  }
}
globalThis.results = Object.fromEntries(cases('logs.txt').map((vector) => [
  vector.name, [0, 1].map((encoding) => WAYS.map((way) => attempt(vector, encoding, way))),
]));`;

/** What the page reads, at the paths that it has in the tree. */
function treeFiles() {
  const lib = readdirSync(`${ROOT}tests/wasm/lib`).filter((name) => name.endsWith('.mjs'));
  const paths = [
    ...lib.map((name) => `tests/wasm/lib/${name}`), 'src/wasm/layout.h', 'src/sonde_status.def',
    'src/sonde_options.def', 'tests/vectors/logs.txt', 'dist/web/sonde-web.wasm',
  ];
  return Object.fromEntries(paths.map((path) => [`/${path}`, readFileSync(ROOT + path)]));
}

/** Expected bytes of a case, as the file has them. */
function expected({ lines }, name) {
  const found = lines.filter((line) => line.startsWith(name));
  const [word, value] = found[0].split(' ');
  if (word.endsWith('-sha256')) return { digest: value };
  if (name === 'pb') return { hex: found.map((line) => line.slice(3)).join('') };
  return { hex: Buffer.from(found[0].slice(5)).toString('hex') };
}

function compare(hex, { digest, hex: wanted }) {
  if (!digest) return assert.equal(hex, wanted);
  return assert.equal(createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex'), digest);
}

describe('logs.txt in Chromium', () => {
  let site;
  let browser;
  let results;

  before(async () => {
    const files = { '/vectors': PAGE, '/run.js': RUN, '/fs.js': FS, '/assert.js': ASSERT, ...treeFiles() };
    site = await startSite({ backend: () => {}, files });
    browser = await launchChromium();
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${site.origin}/vectors`);
    await page.waitForFunction(() => globalThis.results).catch((error) => {
      throw new Error([...errors, error.message].join('\n'));
    });
    results = await page.evaluate(() => globalThis.results);
  });
  after(() => Promise.all([browser?.close(), site?.close()]));

  for (const vector of cases('logs.txt')) {
    test(vector.name, () => {
      for (const [index, name] of ['pb', 'json'].entries()) {
        const got = results[vector.name][index].filter((hex) => hex != null);
        assert.ok(got.length > 0);
        for (const hex of got) compare(hex, expected(vector, name));
      }
    });
  }
});
