// What the pages are told: a bounded memory of what arrived, as an event
// stream. A page that comes late is first told what is remembered.
import { plain } from './otlp.mjs';

const MOST_RECORDS = 500;
const MOST_EXCHANGES = 100;

const milliseconds = (nanos) => Number(BigInt(nanos) / 1_000_000n);
/** Pairs, since keys may come twice or be called __proto__. */
const pairs = (attributes) => attributes.map(({ key, value }) => [key, plain(value)]);

/** What arrived as the page shows it: JSON that needs no OTLP knowledge. */
const VIEWS = {
  logs: ({ timeUnixNano, severityNumber, severityText, eventName, scope, body, attributes, traceId }) => ({
    time: milliseconds(timeUnixNano), severityNumber, severityText, eventName, scope, traceId, body: plain(body), attributes: pairs(attributes),
  }),
  traces: ({ startTimeUnixNano, endTimeUnixNano, name, kind, status, traceId, spanId, parentSpanId, scope, attributes, events }) => ({
    time: milliseconds(startTimeUnixNano), duration: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6,
    name, kind, status, traceId, spanId, parentSpanId, scope, attributes: pairs(attributes),
    events: events.map((event) => ({ name: event.name, attributes: pairs(event.attributes) })),
  }),
  metrics: ({ timeUnixNano, name, description, unit, kind, scope, attributes, asInt, asDouble, count, sum, min, max }) => ({
    time: milliseconds(timeUnixNano), name, description, unit, kind, scope, attributes: pairs(attributes),
    value: asInt ?? asDouble ?? null, count: count ?? null, sum: sum ?? null, min: min ?? null, max: max ?? null,
  }),
};

function summary({ id, time, signal, json, bytes, records, status, note }, over) {
  return { id, time, signal, bytes, status, note, over, count: records.length, encoding: json ? 'JSON' : 'protobuf' };
}

const emptyMemory = () => Object.fromEntries(Object.keys(VIEWS).map((signal) => [signal, { records: [], total: 0 }]));

export class Hub {
  #pages = new Set();
  /** What arrived, newest last, and how many there were, by signal. */
  #memory = emptyMemory();
  #exchanges = new Map();

  /** @param {import('./receiver.mjs').Receiver} receiver */
  constructor(receiver) {
    this.receiver = receiver;
    receiver.on('open', (exchange) => this.#exchange(summary(exchange, false)));
    receiver.on('exchange', (exchange) => {
      this.#exchange(summary(exchange, true));
      this.#arrived(exchange.signal, exchange.records.slice(0, exchange.accepted));
    });
  }

  #tell(name, data, pages = this.#pages) {
    const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const page of pages) page.write(text);
  }

  #exchange(entry) {
    this.#exchanges.set(entry.id, entry);
    for (const id of this.#exchanges.keys()) {
      if (this.#exchanges.size <= MOST_EXCHANGES) break;
      this.#exchanges.delete(id);
    }
    this.#tell('exchange', entry);
  }

  #arrived(signal, items) {
    if (items.length === 0) return;
    const memory = this.#memory[signal];
    const records = items.map(VIEWS[signal]);
    memory.total += records.length;
    memory.records = [...memory.records, ...records].slice(-MOST_RECORDS);
    this.#tell('records', { signal, records, total: memory.total });
  }

  /** Answers with the stream. @param {import('node:http').ServerResponse} response */
  follow(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.on('close', () => this.#pages.delete(response));
    const page = [response];
    this.#tell('clear', {}, page);
    this.#tell('settings', this.receiver.settings, page);
    for (const entry of this.#exchanges.values()) this.#tell('exchange', entry, page);
    for (const [signal, { records, total }] of Object.entries(this.#memory)) {
      if (total > 0) this.#tell('records', { signal, records, total }, page);
    }
    this.#pages.add(response);
  }

  clear() {
    this.#memory = emptyMemory();
    this.#exchanges.clear();
    this.#tell('clear', {});
  }

  settingsChanged() {
    this.#tell('settings', this.receiver.settings);
  }
}
