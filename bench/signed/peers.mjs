// The same work with what hosts bring along and with @noble, as one would write
// it for speed: keys are made once, and so is what can be kept of them.
import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { COUNT, SECRET, ids, times } from './data.mjs';

const NONCE = 12;
const TAG = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const isNode = typeof Buffer === 'function';

/** What the host has for it. */
const fromText = isNode
  ? (text) => Buffer.from(text, 'base64url')
  : (text) => Uint8Array.fromBase64(text, { alphabet: 'base64url' });

const PADDING = ['', '==', '='];
const toText = isNode
  ? (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url') + PADDING[bytes.length % 3]
  : (bytes) => bytes.toBase64({ alphabet: 'base64url' });
const toHex = isNode ? (bytes) => Buffer.from(bytes).toString('hex') : (bytes) => bytes.toHex();

/** nonce, then what was sealed. */
function joined(nonce, sealed) {
  const all = new Uint8Array(nonce.length + sealed.length);
  all.set(nonce);
  all.set(sealed, nonce.length);
  return all;
}

const fresh = () => crypto.getRandomValues(new Uint8Array(NONCE));
const second = (time) => String(Math.floor(time / 1000));

async function webcrypto() {
  const { subtle } = crypto;
  const secret = encoder.encode(SECRET);
  const key = await subtle.importKey('raw', await subtle.digest('SHA-256', secret), 'AES-GCM', false, ['encrypt', 'decrypt']);
  const signer = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return {
    async open(token) {
      const bytes = fromText(token);
      return decoder.decode(await subtle.decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, NONCE) }, key, bytes.subarray(NONCE)));
    },
    async seal(id) {
      const iv = fresh();
      return toText(joined(iv, new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(id)))));
    },
    async render(time) {
      const text = second(time);
      return `${text}.${toHex(new Uint8Array(await subtle.sign('HMAC', signer, encoder.encode(`render-token:${text}`))))}`;
    },
  };
}

/** In Node only. */
async function nodeCrypto() {
  const { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey } = await import('node:crypto');
  const key = createSecretKey(createHash('sha256').update(SECRET).digest());
  const signer = createSecretKey(Buffer.from(SECRET));
  return {
    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      const end = bytes.length - TAG;
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE));
      cipher.setAuthTag(bytes.subarray(end));
      return cipher.update(bytes.subarray(NONCE, end), undefined, 'utf8') + cipher.final('utf8');
    },
    seal(id) {
      const iv = fresh();
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = cipher.update(id, 'utf8');
      cipher.final();
      return toText(Buffer.concat([iv, sealed, cipher.getAuthTag()]));
    },
    render(time) {
      const text = second(time);
      return `${text}.${createHmac('sha256', signer).update(`render-token:${text}`).digest('hex')}`;
    },
  };
}

function noble() {
  const secret = encoder.encode(SECRET);
  const key = sha256(secret);
  const signer = hmac.create(sha256, secret);
  return {
    open(token) {
      const bytes = fromText(token);
      return decoder.decode(gcm(key, bytes.subarray(0, NONCE)).decrypt(bytes.subarray(NONCE)));
    },
    seal(id) {
      const nonce = fresh();
      return toText(joined(nonce, gcm(key, nonce).encrypt(encoder.encode(id))));
    },
    render(time) {
      const text = second(time);
      return `${text}.${toHex(signer.clone().update(encoder.encode(`render-token:${text}`)).digest())}`;
    },
  };
}

/** One after the other, as a server awaits them that answers a request. */
async function inTurn(list, work) {
  const results = [];
  for (const item of list) results.push(await work(item));
  return results;
}

/** @param {string[]} tokens @returns the cases, as `sonde` gives them; `later` for those that are awaited */
export async function peers(tokens) {
  const data = { open: tokens, seal: ids(), render: times() };
  const rows = (impl, methods, key, batch) => Object.entries(methods).map(([name, work]) => ({
    case: name, impl, items: COUNT, [key]: () => batch(data[name], work),
  }));
  const web = await webcrypto();
  return [
    ...rows('webcrypto', web, 'later', inTurn),
    ...rows('webcrypto_all', web, 'later', (list, work) => Promise.all(list.map(work))),
    ...(isNode ? rows('node_crypto', await nodeCrypto(), 'batch', (list, work) => list.map(work)) : []),
    ...rows('noble', noble(), 'batch', (list, work) => list.map(work)),
  ];
}
