// A host of its own over the raw exports of sonde-edge.wasm: what
// src/wasm/README.md says of signed identity, and nothing else.
import { utf8 } from './table.mjs';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ABSENT = 0xffffffff;

/** One submission as a frame. */
export function frame({ now, contentType, origin, endpoint, body }) {
  const texts = [contentType, origin ?? new Uint8Array(0), endpoint ?? new Uint8Array(0), body];
  const size = texts.reduce((sum, text) => sum + text.length, 24);
  const out = new Uint8Array(Math.ceil(size / 8) * 8);
  const view = new DataView(out.buffer);
  view.setFloat64(0, now, true);
  texts.forEach((text, i) => view.setUint32(8 + 4 * i, text.length, true));
  if (origin === null) view.setUint32(12, ABSENT, true);
  let at = 24;
  for (const text of texts) {
    out.set(text, at);
    at += text.length;
  }
  return out;
}

export class SignedHost {
  /** `options`: name → place in signed_options.def. */
  constructor(module, options) {
    this.module = module;
    this.options = options;
  }

  start({ options = {}, secrets = [], origins = [], next = [] } = {}) {
    this.instance = new WebAssembly.Instance(this.module, {});
    this.wasm = this.instance.exports;
    this.wasm._initialize?.();
    for (const [name, value] of Object.entries(options)) {
      this.must(this.wasm.signed_option(this.options[name], value), name);
    }
    const at = this.must(this.wasm.signed_start(), 'signed_start');
    const { buffer } = this.wasm.memory;
    const [input, inputSize, out, outSize] = new Uint32Array(buffer, at, 4);
    this.in = new Uint8Array(buffer, input, inputSize);
    this.out = new Uint8Array(buffer, out, outSize);
    for (const text of secrets) this.must(this.secret(utf8(text)), 'secret');
    for (const text of origins) this.must(this.origin(utf8(text)), text);
    for (const text of next) this.must(this.next(utf8(text)), text);
    return this;
  }

  must(result, what) {
    if (result < 0) throw new Error(`${what}: status ${result}`);
    return result;
  }

  /** Writes texts behind each other; the size of all. */
  put(...texts) {
    let at = 0;
    for (const text of texts) {
      this.in.set(text, at);
      at += text.length;
    }
    return at;
  }

  bytes(result) {
    return result < 0 ? result : this.out.slice(0, result);
  }

  text(result) {
    return result < 0 ? result : decoder.decode(this.out.subarray(0, result));
  }

  secret(text) { return this.wasm.signed_secret(this.put(text)); }
  origin(text) { return this.wasm.signed_origin(this.put(text)); }
  next(text) { return this.wasm.signed_next(this.put(text)); }
  seal(nonce, id) { return this.text(this.wasm.signed_seal(this.put(nonce, id))); }
  open(token) { return this.bytes(this.wasm.signed_open(this.put(token))); }
  render(now) { return this.text(this.wasm.signed_render(now)); }

  check(now, token) {
    const render = this.wasm.signed_check(now, this.put(token));
    return render < 0 ? render : [render, this.double(0)];
  }

  double(at) {
    return new DataView(this.wasm.memory.buffer, this.out.byteOffset).getFloat64(at, true);
  }

  word(at) {
    return new DataView(this.wasm.memory.buffer, this.out.byteOffset).getUint32(at, true);
  }

  nonce(expiry, random, session, path) {
    this.put(random, session, path);
    return this.text(this.wasm.signed_nonce(expiry, session.length, path.length));
  }

  nonceCheck(now, nonce, session, path) {
    this.put(nonce, session, path);
    return this.wasm.signed_nonce_check(now, nonce.length, session.length, path.length);
  }

  /** Verdict texts of as many submissions as are given, a status if one is wrong. */
  verify(submissions) {
    const verdicts = [];
    let frames = [];
    for (const one of submissions.map(frame)) {
      if (this.sizeOf(frames) + one.length > this.in.length) {
        this.crossing(frames, verdicts);
        frames = [];
      }
      frames.push(one);
    }
    this.crossing(frames, verdicts);
    return verdicts;
  }

  sizeOf(frames) {
    return frames.reduce((size, one) => size + one.length, 0);
  }

  /** What the module did not deal with goes in again. */
  crossing(frames, verdicts) {
    while (frames.length > 0) {
      const used = this.wasm.signed_verify(this.put(...frames));
      if (used < 0) {
        verdicts.push(...frames.map(() => used));
        return;
      }
      const count = this.word(0);
      const done = frames.slice(0, count);
      if (count === 0 || this.sizeOf(done) !== this.word(4)) {
        throw new Error(`${count} verdicts for ${this.word(4)} bytes`);
      }
      const lines = decoder.decode(this.out.subarray(8, used)).split('\n');
      if (lines.length !== count + 1 || lines[count] !== '') throw new Error(`${lines.length} lines`);
      verdicts.push(...lines.slice(0, count));
      frames = frames.slice(count);
    }
  }

  /** All verdict lines of this text. */
  lines(now, input, { first = 1, envelope = false, last = false } = {}) {
    let rest = input;
    let text = '';
    while (rest.length > 0) {
      const used = this.wasm.signed_lines(now, this.put(rest), first, (envelope ? 1 : 0) | (last ? 2 : 0));
      if (used < 0) return used;
      if (this.word(4) === 0) break;
      text += decoder.decode(this.out.subarray(8, used));
      first += this.word(0);
      rest = rest.slice(this.word(4));
    }
    return text;
  }
}
