// Texts for `_next`: pieces put together by a grammar, and mutations of texts
// that matter. The same seed gives the same texts.

/** mulberry32 */
export function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SCHEMES = ['http', 'HTTPS', 'hTtps', 'ht\ttps', 'javascript', 'data', 'blob', 'ftp', 'wss', 'file', 'x-y', 'https\n', ' https', '\u0001https', ''];
const SLASHES = [':/', ':', ':///', ':\\\\', ':/\\', '//', '/\\', '\\\\', ':////', ':\t//', ':%2f%2f'];
const USERS = ['@', 'user@', 'u:p@', ':@', 'app.example@', 'app.example%40', 'a@b@', '%00@'];
const HOSTS = ['shop.example', 'localhost', 'endpoint.example', 'evil.example', 'APP.example', 'app.example.', 'app.example.evil.example', 'evilapp.example', 'ap\tp.example', 'app%2eexample', 'app.exampl%65', 'app\u3002example', '\uff41pp.example', 'app\u00ad.example', 'xn--app.example', '\u0430pp.example', 'app.example%00', 'app.example\\', 'app example', '[::1]', '127.1', '0x7f000001', '', 'app..example', 'app.example%2f', 'app.example;', 'app_.example'];
const PORTS = [':443', ':8443', ':80', ':', ':0443', ':08443', ':84430', ':x', ':-1', ':65536', ':8443@'];
const SEGMENTS = ['thanks', 'a', 'b', 'x', '..', '.', '%2e', '%2E%2e', '.%2e', '%2e.', '...', '%2f', '%5c', '%2Fevil', '\\', '\\..', '', 'thanksx', 'Thanks', 'th%61nks', '@', ':', 'a:b', '%', '%00', '%0d%0a', '\t', ' ', 'é', '\u2028', '%u002e', ';x', '..;', '%252e%252e', '~', 'x\\y', '|', '^', '`', '"', '<', '{', "'"];
const TAILS = ['?', '#', '?x=1', '#y', '?u=https://evil.example', '#/../..', '?\\', '?//evil', '?é', '# ', '?\t', '#@evil.example', '?a#b', "?'", '?"<>`', '#`"'];
const BITS = ['/', '\\', '//', '.', '..', '%2e', '%2f', '%5C', '@', ':', '?', '#', '\t', '\n', '\r', ' ', '\u0000', '\u007f', '%00', '%', 'é', '\u3002', '\ufeff', '\u00a0', ';', ',', '[', ']', '443', '8443', 'evil.example', 'app.example', 'https:', 'javascript:', '*', '|'];

export class Targets {
  constructor(seed, texts) {
    this.random = randomOf(seed);
    this.texts = texts;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** Odd in one case of six, so that a text is wrong in one place or two. */
  mostly(usual, odd) {
    return this.random() < 5 / 6 ? usual : this.pick(odd);
  }

  path() {
    let text = '';
    for (let n = Math.floor(this.random() * 4); n > 0; n--) text += `/${this.mostly('x', SEGMENTS)}`;
    return text;
  }

  absolute() {
    const origin = this.mostly('https', SCHEMES) + this.mostly('://', SLASHES) + this.mostly('', USERS)
      + this.mostly('app.example', HOSTS) + this.mostly('', PORTS);
    return origin + this.path() + this.mostly('', TAILS);
  }

  relative() {
    const start = this.pick(['', '/', '/', '/', '/thanks', '/thanks', '/thanks/', '/a/b', '/a/b/', '//', '/\\', '/%2f', './', '../', '?', '#']);
    return start + this.path() + this.mostly('', TAILS);
  }

  /** Characters put in, taken out or put in the place of others. */
  mutated() {
    let text = this.pick(this.texts);
    for (let n = 1 + Math.floor(this.random() * 3); n > 0; n--) {
      const at = Math.floor(this.random() * (text.length + 1));
      const gone = Math.floor(this.random() * 3);
      text = text.slice(0, at) + (this.random() < 0.8 ? this.pick(BITS) : '') + text.slice(at + gone);
    }
    return text.toWellFormed();
  }

  next() {
    const kind = this.random();
    if (kind < 0.35) return this.absolute();
    return kind < 0.65 ? this.relative() : this.mutated();
  }
}
