// Fills the words and text of a record from a vector, in any of the ways in
// which a host may do it.
import { LAYOUT } from './facts.mjs';

const encoder = new TextEncoder();
const FLAGS = { named: LAYOUT.FLAG_SEVERITY_NAME, now: LAYOUT.FLAG_NOW };

/** A text that no host could have as a string. */
export class IllFormed extends Error {}

export class Fill {
  /**
   * @param {{bytes: boolean, keys?: Map<string, number>, wide?: boolean}} way
   *   lengths are bytes or UTF-16 units; ids of interned keys; whole numbers
   *   as two words where a double would do
   */
  constructor(way) {
    this.way = way;
    this.header = new Uint32Array(LAYOUT.HEADER_WORDS);
    this.nodes = [];
    this.pieces = [];
    this.behind = [];
  }

  /** Adds text and returns its length. */
  put(text, to = this.pieces) {
    if (!this.way.bytes && text.text === undefined) throw new IllFormed();
    to.push(text.bytes);
    return this.way.bytes ? text.bytes.length : text.text.length;
  }

  node(type, key, a = 0, b = 0) {
    const id = key && this.way.keys?.get(key.text);
    this.nodes.push(LAYOUT[`TYPE_${type}`] | (id ?? 0) << LAYOUT.KEY_SHIFT, 0, a, b);
    return { at: this.nodes.length - 4, key: id === undefined ? key : undefined };
  }

  /** A node whose key's text comes now. */
  keyed(type, key, a, b) {
    const node = this.node(type, key, a, b);
    if (node.key) this.nodes[node.at + 1] = this.put(node.key);
    return node.at;
  }

  double(type, key, value) {
    const words = new Uint32Array(Float64Array.of(value).buffer);
    this.keyed(type, key, words[0], words[1]);
  }

  whole(key, value) {
    const small = value >= -(2n ** 53n) && value <= 2n ** 53n;
    if (small && !this.way.wide) {
      this.double('INT', key, Number(value));
      return;
    }
    const words = new Uint32Array(BigInt64Array.of(value).buffer);
    this.keyed('INT64', key, words[0], words[1]);
  }

  text(type, key, text) {
    const at = this.keyed(type, key);
    this.nodes[at + 2] = this.put(text);
  }

  value(key, value) {
    switch (value.type) {
      case 'STRING': return this.text('STRING', key, value.text);
      case 'BYTES': {
        const text = String.fromCharCode(...value.bytes);
        return this.text('BYTES', key, { text, bytes: encoder.encode(text) });
      }
      case 'BOOL': return this.keyed('BOOL', key, Number(value.value));
      case 'INT': return this.whole(key, value.value);
      case 'DOUBLE': return this.double('DOUBLE', key, value.value);
      case 'ARRAY':
        for (const one of value.values) this.value(undefined, one);
        return this.keyed('ARRAY', key, value.values.length);
      case 'MAP':
        this.entries(value.entries);
        return this.keyed('MAP', key, value.entries.length);
      default: return this.keyed('NULL', key);
    }
  }

  entries(entries) {
    for (const [key, value] of entries) this.value(key, value);
  }

  /** A line of a `log`; false if it is none. */
  line(word, line) {
    const { header } = this;
    switch (word) {
      case 'log':
        header[LAYOUT.HEADER_SEVERITY] = line.number();
        for (let flag = line.word(); flag; flag = line.word()) header[LAYOUT.HEADER_FLAGS] |= FLAGS[flag];
        return true;
      case 'text': header[LAYOUT.HEADER_SEVERITY_TEXT] = this.put(line.string()); return true;
      case 'event': header[LAYOUT.HEADER_EVENT_NAME] = this.put(line.string(), this.behind); return true;
      case 'time': header.set([line.number(), line.number()], LAYOUT.HEADER_TIME); return true;
      case 'observed': header.set([line.number(), line.number()], LAYOUT.HEADER_OBSERVED); return true;
      case 'dropped': header[LAYOUT.HEADER_DROPPED] = line.number(); return true;
      case 'body': this.value(undefined, line.value()); return true;
      case 'attributes': this.entries(line.entries()); return true;
      case 'trace':
        header[LAYOUT.HEADER_FLAGS] |= LAYOUT.FLAG_TRACE;
        this.behind.unshift(encoder.encode(line.word() + line.word()));
        header[LAYOUT.HEADER_TRACE_FLAGS] = line.number();
        return true;
      default: return false;
    }
  }

  /** Writes it to the regions of a host. */
  write(host, scope) {
    const bytes = Buffer.concat([...this.pieces, ...this.behind]);
    this.header[LAYOUT.HEADER_NODES] = this.nodes.length / LAYOUT.NODE_WORDS;
    this.header[LAYOUT.HEADER_TEXT] = bytes.length;
    this.header[LAYOUT.HEADER_SCOPE] = scope;
    if (this.way.bytes) this.header[LAYOUT.HEADER_FLAGS] |= LAYOUT.FLAG_BYTES;
    host.record(this.header, this.nodes, bytes);
  }
}
