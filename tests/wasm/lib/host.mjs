// A host of its own over the raw exports: what src/wasm/README.md says, and
// nothing else.
import assert from 'node:assert/strict';
import { LAYOUT, OPTIONS, REASONS, wasmBytes } from './facts.mjs';

const modules = new Map();

function moduleOf(artefact) {
  if (!modules.has(artefact)) modules.set(artefact, new WebAssembly.Module(wasmBytes(artefact)));
  return modules.get(artefact);
}

/** The module with a memory that grows to 16 MiB, not to 64. */
export function smallModule(artefact) {
  const bytes = Uint8Array.from(wasmBytes(artefact));
  const most = [0x80, 0x10]; // 2,048 pages, at the end of the memory section
  let at = 8;
  while (bytes[at] !== 5) {
    let size = 0;
    let n = at + 1;
    for (let shift = 0; ; shift += 7, n++) {
      size |= (bytes[n] & 0x7f) << shift;
      if (bytes[n] < 0x80) break;
    }
    at = n + 1 + size;
  }
  const end = at + 2 + bytes[at + 1];
  assert.deepEqual([...bytes.subarray(end - 2, end)], most);
  bytes.set([0x80, 0x02], end - 2);
  return new WebAssembly.Module(bytes);
}

export class Host {
  constructor(artefact, module = moduleOf(artefact)) {
    this.instance = new WebAssembly.Instance(module, {});
    this.wasm = this.instance.exports;
    this.signal = LAYOUT.SIGNAL_LOGS; // of the calls below that take one
    this.wasm._initialize?.();
  }

  /** Sets options and starts. */
  start(options = {}, now = 0, seed = 1) {
    for (const [name, value] of Object.entries(options)) {
      assert.equal(this.wasm.wasm_option(OPTIONS[name].id, value), 0, name);
    }
    const at = this.wasm.wasm_start(now, seed);
    assert.ok(at > 0, `wasm_start: ${at}`);
    this.view(at);
    return this;
  }

  view(at) {
    const { buffer } = this.wasm.memory;
    const [text, textSize, words, maxNodes, out, outSize] = new Uint32Array(buffer, at, 6);
    this.buffer = buffer;
    this.maxNodes = maxNodes;
    this.text = new Uint8Array(buffer, text, textSize);
    this.words = new Uint32Array(buffer, words, LAYOUT.HEADER_WORDS + LAYOUT.NODE_WORDS * maxNodes);
    this.outWords = new Uint32Array(buffer, out, outSize / 4);
    this.outDoubles = new Float64Array(buffer, out, outSize / 8);
  }

  /** Writes texts behind each other and returns their sizes. */
  put(...texts) {
    let at = 0;
    return texts.map((text) => {
      const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
      this.text.set(bytes, at);
      at += bytes.length;
      return bytes.length;
    });
  }

  key(text) {
    return this.wasm.wasm_key(...this.put(text));
  }

  scope(name, version) {
    return this.wasm.wasm_scope(...this.put(name, version));
  }

  /** The action with its details; a body is a copy. */
  next(now) {
    const type = this.wasm.wasm_next(this.signal, now);
    const [id, size, body, encoding, records, queued] = this.outWords.slice(2, 8);
    return {
      type, until: this.outDoubles[0], id, encoding, records, queued,
      body: new Uint8Array(this.buffer, body, size).slice(),
    };
  }

  done(now, id, status, retryAfter = -1, rejected = 0) {
    return this.wasm.wasm_done(this.signal, now, id, status, retryAfter, rejected);
  }

  stats(signal = this.signal) {
    const count = this.wasm.wasm_stats(signal);
    const [state, accepted, delivered, queued, inFlight, refused, replaced, badResponses, requests,
      ...dropped] = this.outDoubles.slice(0, count);
    assert.equal(dropped.length, REASONS.length * 7);
    return {
      state, accepted, delivered, queued, inFlight, refused, replaced, badResponses, requests, dropped,
      allDropped: dropped.reduce((a, b) => a + b, 0),
    };
  }

  /** Asserts accepted = delivered + dropped + queued + in flight, of each signal. */
  law() {
    const all = Array.from({ length: LAYOUT.SIGNAL_COUNT }, (_, signal) => this.stats(signal));
    for (const s of all) {
      assert.equal(s.accepted, s.delivered + s.allDropped + s.queued + s.inFlight, 'the ledger');
    }
    return all[this.signal];
  }

  /** Writes a raw record: header words, node words, bytes. */
  record(header, nodes, bytes) {
    this.words.fill(0, 0, LAYOUT.HEADER_WORDS);
    this.words.set(header);
    this.words.set(nodes, LAYOUT.HEADER_WORDS);
    this.text.set(bytes);
  }

  /** A log with a text body. */
  log(now, severity, body) {
    const bytes = new TextEncoder().encode(body);
    const header = new Uint32Array(LAYOUT.HEADER_WORDS);
    header[LAYOUT.HEADER_NODES] = 1;
    header[LAYOUT.HEADER_TEXT] = bytes.length;
    header[LAYOUT.HEADER_FLAGS] = LAYOUT.FLAG_BYTES | LAYOUT.FLAG_NOW | LAYOUT.FLAG_SEVERITY_NAME;
    header[LAYOUT.HEADER_SEVERITY] = severity;
    this.record(header, [LAYOUT.TYPE_STRING, 0, bytes.length, 0], bytes);
    return this.wasm.wasm_emit(this.signal, now);
  }
}
