// A page made of fakes around the real module: a clock that stands still until
// it is told to go on, a network that answers what a test says, a document and
// a window that only know events.
import { readFileSync } from 'node:fs';
import { create } from '../src/index.js';

export const WASM = readFileSync(new URL('../../dist/web/sonde-web.wasm', import.meta.url));
export const MODULE = new WebAssembly.Module(WASM);
export const START = Date.UTC(2026, 10, 20);
/** Of the page at START. */
export const UPTIME = 5000;

/** Lets promises go on, however long their chains. */
export async function settle() {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Browsers refuse their functions as methods of another object. */
function checked(call) {
  return function (...given) {
    if (this !== undefined) throw new TypeError('Illegal invocation');
    return call(...given);
  };
}

class Clock {
  time = START;
  #timers = new Map();
  #last = 0;
  #stepped = 0;

  now = () => this.time;
  /** Knows nothing of steps. */
  monotonic = () => this.time - START + UPTIME - this.#stepped;
  setTimeout = (call, ms) => {
    // As all hosts do with what 32 bits do not hold.
    this.#timers.set(++this.#last, { call, at: this.time + (ms <= 0x7fffffff ? ms : 1) });
    return this.#last;
  };
  clearTimeout = (timer) => { this.#timers.delete(timer); };

  get pending() {
    return [...this.#timers.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Somebody sets the clock; timers do not care. */
  step(ms) {
    this.time += ms;
    this.#stepped += ms;
    for (const timer of this.#timers.values()) timer.at += ms;
  }

  /** Goes on by `ms`, running the timers on the way. */
  async pass(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { call, at }] = due;
      this.#timers.delete(id);
      this.time = Math.max(this.time, at);
      call();
      await settle();
    }
    this.time = end;
  }
}

class Page extends EventTarget {
  visibilityState = 'visible';
  baseURI = 'https://shop.example/cart';
  window = new EventTarget();

  /** The event bubbles, unless an engine does not do it. */
  #become(state, bubbles) {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange', { bubbles }));
    if (bubbles) this.window.dispatchEvent(new Event('visibilitychange', { bubbles }));
  }

  hide(bubbles = true) {
    this.#become('hidden', bubbles);
  }

  show(bubbles = true) {
    this.#become('visible', bubbles);
  }

  /** In the order that Chromium and Firefox have. */
  leave(bubbles = true) {
    this.window.dispatchEvent(new Event('pagehide'));
    if (this.visibilityState === 'visible') this.hide(bubbles);
  }

  comeBack() {
    this.show();
    this.window.dispatchEvent(new Event('pageshow'));
  }
}

/** Requests in the order of their start; each is answered by `answers`. */
class Network {
  requests = [];
  open = 0;
  mostOpen = 0;
  /** A Response, an Error, undefined for none, or what makes one. */
  answer = () => new Response(null);

  /** @param {string} signal */
  of(signal) {
    return this.requests.filter(({ url }) => url.endsWith(`/v1/${signal}`));
  }

  fetch = (url, init) => {
    const request = { url, ...init, headers: Object.fromEntries(init.headers), sent: init.body.slice() };
    this.requests.push(request);
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    return new Promise((resolve, reject) => {
      request.respond = (answer) => {
        this.open--;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      init.signal.addEventListener('abort', () => request.respond(new DOMException('aborted', 'AbortError')));
      const answer = this.answer(request, this.requests.length);
      if (answer) request.respond(answer);
    });
  };
}

/** What JSON bodies hold: a list of log records, each with its scope. */
export function recordsIn({ sent }) {
  const { resourceLogs } = JSON.parse(new TextDecoder().decode(sent));
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(
    ({ scope, logRecords }) => logRecords.map((record) => ({ scope, ...record })),
  ));
}

/** The same for spans. */
export function spansIn({ sent }) {
  const { resourceSpans } = JSON.parse(new TextDecoder().decode(sent));
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(
    ({ scope, spans }) => spans.map((span) => ({ scope, ...span })),
  ));
}

export const bodiesIn = (request) => recordsIn(request).map(({ body }) => plain(body));

/** An AnyValue as JavaScript has it; integers stay text, bytes base64. */
export function plain(value) {
  const [kind, inner] = Object.entries(value ?? {})[0] ?? [];
  if (kind === 'arrayValue') return (inner.values ?? []).map(plain);
  if (kind === 'kvlistValue') return toObject(inner.values ?? []);
  return inner ?? null;
}

export function toObject(list = []) {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
}

/** accepted = delivered + dropped + queued + in flight. */
export function balanced({ accepted, delivered, droppedTotal, queued, inFlight }) {
  return accepted === delivered + droppedTotal + queued + inFlight;
}

/** An exporter in a page of fakes. */
export function open(options = {}) {
  const clock = new Clock();
  const page = new Page();
  const network = new Network();
  const troubles = [];
  const sonde = create({
    wasm: MODULE,
    endpoint: 'https://otlp.example',
    token: 'secret-token',
    encoding: 'json',
    onError: (trouble) => { troubles.push(trouble); },
    now: checked(clock.now),
    monotonic: clock.monotonic,
    setTimeout: checked(clock.setTimeout),
    clearTimeout: checked(clock.clearTimeout),
    random: checked(() => 0.5),
    fetch: checked(network.fetch),
    document: page,
    window: page.window,
    navigator: {},
    ...options,
  });
  return { sonde, clock, page, network, troubles, log: sonde.logger('test', '1'), tracer: sonde.tracer('test', '1') };
}

/** The only record that `call` logs, as the server gets it. */
export async function sentBy(call, options) {
  const { sonde, log, network, troubles } = open(options);
  call(log);
  await sonde.flush();
  const records = network.requests.flatMap(recordsIn);
  if (records.length !== 1) throw new Error(`${records.length} records: ${JSON.stringify(troubles)}`);
  const [record] = records;
  return { ...record, value: plain(record.body), map: toObject(record.attributes) };
}

/** The spans that `call` ends, in the order of their ends. */
export async function spansBy(call, options) {
  const world = open(options);
  call(world.tracer, world);
  await world.sonde.flush();
  return world.network.of('traces').flatMap(spansIn).map((span) => ({ ...span, map: toObject(span.attributes) }));
}

/** The only one. */
export async function spanBy(call, options) {
  const spans = await spansBy(call, options);
  if (spans.length !== 1) throw new Error(`${spans.length} spans`);
  return spans[0];
}
