// Submissions of about 600 bytes with both tokens, made by node:crypto: what
// tests verify, and input for measurements:
//
//   node tests/cli/lib/submissions.mjs COUNT >lines.ndjson
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';

export const SECRET = 'a secret of thirty-two bytes ....';
export const NOW = 1763661600;
const AGE = 17;
const CHUNK = 1000;

/** An identity token; wire-formats section 1. */
export function identityToken(id, number, secret = SECRET) {
  const nonce = Buffer.alloc(12, 7);
  nonce.writeUInt32BE(number);
  const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(secret).digest(), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(id), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** A render token; section 2. */
export function renderToken(seconds, secret = SECRET) {
  return `${seconds}.${createHmac('sha256', secret).update(`render-token:${seconds}`).digest('hex')}`;
}

/** The fields of submission `number`. */
export function submission(number) {
  return {
    plain_connect_render_token: renderToken(NOW - AGE),
    plain_connect_identity: identityToken(`user-${number}`, number),
    plain_connect_check: '',
    name: `Ada Lovelace ${number}`, email: `ada${number}@example.com`,
    message: `Since yesterday the page "orders" stays empty after I signed in, in each browser that I tried. ${'Please look. '.repeat(12)}`,
    form_slug: 'support', order: `A-${number}`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? CHUNK);
  for (let at = 0; at < count; at += CHUNK) {
    const size = Math.min(CHUNK, count - at);
    const lines = Array.from({ length: size }, (_, i) => `${JSON.stringify(submission(at + i))}\n`);
    if (!process.stdout.write(lines.join(''))) await new Promise((done) => process.stdout.once('drain', done));
  }
}
