// Checks that every implementation did the work, by node:crypto.
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SECRET, ids, times } from './data.mjs';

const KEY = createHash('sha256').update(SECRET).digest();

function open(token) {
  const bytes = Buffer.from(token, 'base64url');
  const cipher = createDecipheriv('aes-256-gcm', KEY, bytes.subarray(0, 12));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString();
}

function sign(time) {
  const second = time / 1000;
  return `${second}.${createHmac('sha256', SECRET).update(`render-token:${second}`).digest('hex')}`;
}

/** The ids that a submission's verdicts must have. */
const userOf = (result) => (result?.startsWith('{') ? JSON.parse(result).user_id : result);

const CHECKS = {
  open: (results) => isDeepStrictEqual(results, ids()),
  seal: (results) => isDeepStrictEqual(results.map(open), ids()) && new Set(results).size === results.length && results.every((token) => token.length % 4 === 0),
  render: (results) => isDeepStrictEqual(results, times().map(sign)),
  submission: (results) => isDeepStrictEqual(results.map(userOf), ids()),
};

/** Throws if one of them did other work. @param {{case: string, impl: string, results: string[]}[]} proofs */
export function verify(proofs) {
  for (const { case: name, impl, results } of proofs) {
    if (!CHECKS[name](results)) throw new Error(`${impl} ${name}: wrong results`);
  }
}
