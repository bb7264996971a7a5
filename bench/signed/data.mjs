// What all implementations are given: the same in each host.
import { flat, generator } from '../lib/random.mjs';

export const COUNT = 256;
export const SECRET = 'a secret of thirty-two characters';
/** Milliseconds; the tokens that are signed are 60 s older than submissions. */
export const RENDERED = 1_700_000_000_000;
export const NOW = RENDERED + 60_000;

/** User ids as databases number them. */
export function ids() {
  const random = generator(7);
  return Array.from({ length: COUNT }, () => flat(String(1 + random(10_000_000))));
}

/** Times at which pages are rendered, a second apart. */
export const times = () => Array.from({ length: COUNT }, (_, i) => RENDERED + i * 1000);

const LENGTH = 600;

/** A JSON submission of 600 bytes with both tokens. */
export function submission(render, identity, i = 0) {
  const fields = {
    plain_connect_render_token: render,
    plain_connect_identity: identity,
    plain_connect_check: '',
    name: 'Ada Example',
    email: `ada.${i}@example.com`,
    form_slug: 'support',
    plan: 'pro',
    message: '',
  };
  const text = 'Since this morning the invoice of order 1042 cannot be opened: "not found". ';
  const room = LENGTH - new TextEncoder().encode(JSON.stringify(fields)).length;
  let message = text.repeat(9);
  while (JSON.stringify(message).length - 2 > room) message = message.slice(0, -1);
  fields.message = message.padEnd(message.length + room - (JSON.stringify(message).length - 2), '.');
  return flat(JSON.stringify(fields));
}
