// What the pages are told: a bounded memory of what arrived, as an event
// stream. A page that comes late is first told what is remembered.
import { plain } from './otlp.mjs';

const MOST_RECORDS = 500;
const MOST_EXCHANGES = 100;

/** A record as the page shows it: JSON that needs no OTLP knowledge. */
function view(record) {
  const { severityNumber, severityText, eventName, scope } = record;
  return {
    time: Number(BigInt(record.timeUnixNano) / 1_000_000n),
    severityNumber, severityText, eventName, scope,
    body: plain(record.body),
    // Pairs, since keys may come twice or be called __proto__.
    attributes: record.attributes.map(({ key, value }) => [key, plain(value)]),
  };
}

function summary({ id, time, json, bytes, records, status, note }, over) {
  return { id, time, bytes, status, note, over, count: records.length, encoding: json ? 'JSON' : 'protobuf' };
}

export class Hub {
  #pages = new Set();
  #records = [];
  #exchanges = new Map();
  #total = 0;

  /** @param {import('./receiver.mjs').Receiver} receiver */
  constructor(receiver) {
    this.receiver = receiver;
    receiver.on('open', (exchange) => this.#exchange(summary(exchange, false)));
    receiver.on('exchange', (exchange) => {
      this.#exchange(summary(exchange, true));
      this.#arrived(exchange.records.slice(0, exchange.accepted));
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

  #arrived(records) {
    if (records.length === 0) return;
    const views = records.map(view);
    this.#total += views.length;
    this.#records = [...this.#records, ...views].slice(-MOST_RECORDS);
    this.#tell('records', { records: views, total: this.#total });
  }

  /** Answers with the stream. @param {import('node:http').ServerResponse} response */
  follow(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.on('close', () => this.#pages.delete(response));
    const page = [response];
    this.#tell('clear', {}, page);
    this.#tell('settings', this.receiver.settings, page);
    for (const entry of this.#exchanges.values()) this.#tell('exchange', entry, page);
    if (this.#total > 0) this.#tell('records', { records: this.#records, total: this.#total }, page);
    this.#pages.add(response);
  }

  clear() {
    this.#records = [];
    this.#exchanges.clear();
    this.#total = 0;
    this.#tell('clear', {});
  }

  settingsChanged() {
    this.#tell('settings', this.receiver.settings);
  }
}
