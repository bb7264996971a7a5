// Ways to bring a record into wasm memory. All walk the record alike; they
// differ in how a string gets there (`TEXTS`), in where the numbers go
// (`NODES`) and in whether a key is sent as an id or as text. Each combination
// is compiled on its own from one template: functions shared by several would
// be slower in all of them than any is alone.
import * as layout from './wasm.mjs';

/** The shortest string that the hybrid leaves to the join. */
const SHORT_LENGTH = 24;

const CHAR_LOOP = `const n = value.length, start = pos + TEXT;
  let at = start;
  for (let i = 0; i < n; i++) {
    let c = value.charCodeAt(i);
    if (c < 0x80) { u8[at++] = c; continue; }
    if (c < 0x800) u8[at++] = 0xc0 | (c >> 6);
    else if (c < 0xd800 || c > 0xdfff) {
      u8[at++] = 0xe0 | (c >> 12);
      u8[at++] = 0x80 | ((c >> 6) & 63);
    } else {
      c = 0x10000 + ((c & 1023) << 10) + (value.charCodeAt(++i) & 1023);
      u8[at++] = 0xf0 | (c >> 18);
      u8[at++] = 0x80 | ((c >> 12) & 63);
      u8[at++] = 0x80 | ((c >> 6) & 63);
    }
    u8[at++] = 0x80 | (c & 63);
  }
  pos = at - TEXT;
  return at - start;`;

/** How text is written: code for `string` (returns its length) and `end`. */
export const TEXTS = {
  'encode + set each': {
    string: `const bytes = encoder.encode(value);
      u8.set(bytes, TEXT + pos); pos += bytes.length; return bytes.length;`,
  },
  'encodeInto each': {
    string: `const { written } = encoder.encodeInto(value,
      u8.subarray(TEXT + pos, TEXT + TEXT_SIZE)); pos += written; return written;`,
  },
  'char loop, UTF-8': {
    string: `${CHAR_LOOP}`,
  },
  'ascii by loop, join from the first other': {
    string: `const n = value.length, start = TEXT + pos;
      if (!ascii) { joined += value; return n; }
      let or = 0;
      for (let i = 0; i < n; i++) {
        const c = value.charCodeAt(i);
        u8[start + i] = c; or |= c;
      }
      if (or < 0x80) { pos += n; return n; }
      ascii = false; joined = value; return n;`,
    end: `if (!ascii) pos += encoder.encodeInto(joined,
        u8.subarray(TEXT + pos, TEXT + TEXT_SIZE)).written;`,
  },
  'char loop, UTF-16': {
    string: `const n = value.length, start = (TEXT >> 1) + pos;
      for (let i = 0; i < n; i++) u16[start + i] = value.charCodeAt(i);
      pos += n; return n;`,
  },
  'join (+=), encodeInto': {
    string: `joined += value; return value.length;`,
    end: `const { written } = encoder.encodeInto(joined, text);
      pos = written; ascii = written === joined.length;`,
  },
  'join (array), encodeInto': {
    string: `parts[count++] = value; return value.length;`,
    end: `parts.length = count; joined = parts.join('');
      const { written } = encoder.encodeInto(joined, text);
      pos = written; ascii = written === joined.length;`,
  },
  'hybrid: short by loop, rest joined': {
    string: `const n = value.length;
      if (n < ${SHORT_LENGTH}) {
        let or = 0;
        for (let i = 0; i < n; i++) {
          const c = value.charCodeAt(i);
          u8[SHORT + short + i] = c; or |= c;
        }
        if (or < 0x80) { short += n; return n | 0x40000000; }
      }
      joined += value; return n;`,
    end: `if (joined !== '') {
        const { written } = encoder.encodeInto(joined, text);
        pos = written; ascii = written === joined.length; }`,
  },
};

/** Where the numbers of a node go. */
export const NODES = {
  'f64 in 16-byte nodes': {
    node: `const at = 16 + 4 * nodes++;
      i32[at] = type | (id << 8); i32[at + 1] = keyLength; i32[at + 2] = low;`,
    double: `const at = 16 + 4 * nodes++;
      i32[at] = type | (id << 8); i32[at + 1] = keyLength;
      f64[(at >> 1) + 1] = number;`,
  },
  'separate f64 array': {
    node: `const at = 16 + 3 * nodes++;
      i32[at] = type | (id << 8); i32[at + 1] = keyLength; i32[at + 2] = low;`,
    double: `const at = 16 + 3 * nodes++;
      i32[at] = type | (id << 8); i32[at + 1] = keyLength;
      f64[(NUMBERS >> 3) + numbers++] = number;`,
  },
};

const TEMPLATE = `
  const { WORDS, NUMBERS, TEXT, TEXT_SIZE, SHORT, SHORT_SIZE } = layout;
  const { buffer } = wasm.memory;
  const u8 = new Uint8Array(buffer);
  const u16 = new Uint16Array(buffer);
  const i32 = new Int32Array(buffer);
  const f64 = new Float64Array(buffer);
  const text = new Uint8Array(buffer, TEXT, TEXT_SIZE);
  const encoder = new TextEncoder();
  const ids = new Map();
  const parts = [];
  let pos = 0, nodes = 0, numbers = 0, short = 0, count = 0;
  let joined = '', ascii = true;

  function string(value) { /*string*/ }
  function node(type, id, keyLength, low) { /*node*/ }
  function double(type, id, keyLength, number) { /*double*/ }

  function intern(key) {
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = ids.size + 1));
    return id;
  }

  function list(values) {
    for (let i = 0; i < values.length; i++) value('', values[i]);
    return values.length;
  }
  function map(values) {
    let size = 0;
    for (const key in values) { value(key, values[key]); size++; }
    return size;
  }

  function value(key, it) {
    let size = 0;
    if (typeof it === 'object') size = Array.isArray(it) ? list(it) : map(it);
    let id = 0, length = 0;
    if (key !== '') { /*key*/ }
    switch (typeof it) {
      case 'string': node(1, id, length, string(it)); break;
      case 'number': double(Number.isInteger(it) ? 3 : 4, id, length, it); break;
      case 'boolean': node(2, id, length, it ? 1 : 0); break;
      default: node(Array.isArray(it) ? 6 : 7, id, length, size);
    }
  }

  return function emit(record, now) {
    pos = nodes = numbers = short = count = 0;
    joined = ''; ascii = true;
    value('', record.body);
    map(record.attributes);
    /*end*/
    i32[0] = nodes;
    i32[1] = pos + short;
    i32[2] = ascii ? 1 : 0;
    return wasm.emit(now);
  };
`;

const KEYS = {
  id: 'id = intern(key);',
  text: 'length = string(key);',
};

/**
 * @param {{memory: WebAssembly.Memory, emit: (now: number) => number}} wasm
 * @param {{text: string, nodes: string, keys: 'id' | 'text'}} method
 * @returns {(record: object, now: number) => number}
 */
export function compile(wasm, method) {
  const parts = {
    end: '',
    ...TEXTS[method.text],
    ...NODES[method.nodes],
    key: KEYS[method.keys],
  };
  const source = TEMPLATE.replace(/\/\*(\w+)\*\//g, (_, part) => parts[part]);
  return new Function('wasm', 'layout', source)(wasm, layout);
}

/** The walk alone: what every method spends besides writing. */
export const WALK = { text: 'nothing (walk only)', nodes: 'none' };
TEXTS[WALK.text] = { string: 'pos += value.length; return value.length;' };
NODES[WALK.nodes] = { node: 'nodes++;', double: 'nodes++;' };
