// Reads the text tables of tests/vectors (README.md there).
import { readFileSync } from 'node:fs';
import { vectorPath } from './facts.mjs';

const encoder = new TextEncoder();

/** A text: its bytes, and as a string if that is well-formed. */
function makeText(bytes) {
  try {
    return { bytes, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bytes, text: undefined };
  }
}

/** UTF-8 of any number, lone surrogates included. */
function utf8(code) {
  if (code < 0xD800 || code > 0xDFFF) return encoder.encode(String.fromCodePoint(code));
  return Uint8Array.of(0xE0 | code >> 12, 0x80 | (code >> 6 & 0x3F), 0x80 | (code & 0x3F));
}

/** What is left of a line. */
export class Line {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.space();
  }

  space() {
    while (this.text[this.at] === ' ') this.at++;
  }

  /** The match of a sticky expression, or undefined. */
  take(pattern) {
    this.space();
    const sticky = new RegExp(pattern.source, 'yu');
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (!match) return undefined;
    this.at = sticky.lastIndex;
    return match[0];
  }

  need(pattern) {
    const found = this.take(pattern);
    if (found === undefined) throw new Error(`no ${pattern} at ${this.at} in: ${this.text}`);
    return found;
  }

  word() {
    return this.take(/[^\s,:\]}=]+/) ?? '';
  }

  number() {
    return Number(this.need(/[-+]?[0-9A-Za-z.]+/));
  }

  atEnd() {
    this.space();
    return this.at === this.text.length || this.text[this.at] === '#';
  }

  string() {
    this.need(/"/);
    const parts = [];
    while (this.text[this.at] !== '"') {
      const plain = this.text.slice(this.at).match(/^[^"\\]+/u)?.[0];
      this.at += plain?.length ?? 0;
      parts.push(plain ? encoder.encode(plain) : this.escape());
    }
    this.at++;
    let bytes = Buffer.concat(parts);
    if (this.text[this.at] === '*') {
      this.at++;
      const times = this.number();
      bytes = Buffer.concat(Array.from({ length: times }, () => bytes));
    }
    return makeText(new Uint8Array(bytes));
  }

  escape() {
    const [all, x, u, plain] = this.text.slice(this.at).match(/^\\(?:x(..)|u\{(\w+)\}|(.))/u);
    this.at += all.length;
    if (x) return Uint8Array.of(parseInt(x, 16));
    if (u) return utf8(parseInt(u, 16));
    return encoder.encode({ n: '\n', t: '\t' }[plain] ?? plain);
  }

  hex() {
    return Uint8Array.from(Buffer.from(this.take(/[0-9a-fA-F]*/), 'hex'));
  }

  /** [[key, value], ...], equal keys included. */
  entries() {
    const out = [];
    this.need(/\{/);
    while (!this.take(/\}/)) {
      if (out.length) this.need(/,/);
      const key = this.string();
      this.need(/:/);
      out.push([key, this.value()]);
    }
    return out;
  }

  array() {
    const out = [];
    this.need(/\[/);
    while (!this.take(/\]/)) {
      if (out.length) this.need(/,/);
      out.push(this.value());
    }
    return out;
  }

  value() {
    this.space();
    switch (this.text[this.at]) {
      case '"': return { type: 'STRING', text: this.string() };
      case '[': return { type: 'ARRAY', values: this.array() };
      case '{': return { type: 'MAP', entries: this.entries() };
      case '<': {
        this.need(/</);
        const bytes = this.hex();
        this.need(/>/);
        return { type: 'BYTES', bytes };
      }
      default: return this.scalar();
    }
  }

  scalar() {
    const word = this.word();
    if (word === 'null') return { type: 'NULL' };
    if (word === 'true' || word === 'false') return { type: 'BOOL', value: word === 'true' };
    if (/[.eN]|Inf/.test(word)) return { type: 'DOUBLE', value: Number(word) };
    return { type: 'INT', value: BigInt(word) };
  }
}

/** [{ name, lines }] of a file. */
export function cases(file) {
  return readFileSync(vectorPath(file), 'utf8').split(/^case /m).slice(1).map((part) => {
    const [name, ...lines] = part.split('\n');
    return { name, lines: lines.filter((line) => line.trim() && !line.startsWith('#')) };
  });
}
