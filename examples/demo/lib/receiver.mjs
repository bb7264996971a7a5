// An OTLP/HTTP receiver for all signals that does what it is told: the part of the
// demo, and of the browser tests, that stands for the server.
import { EventEmitter } from 'node:events';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { decode, encodeResponse, encodeStatus } from './otlp.mjs';

/** The signal that a path is of, if any. @param {string} path without a query */
export const signalOf = (path) => /^\/v1\/(logs|traces|metrics)$/.exec(path)?.[1];
const TYPES = { 'application/x-protobuf': false, 'application/json': true };
const unzip = promisify(gunzip);
/** What is read beyond the limit before the connection is cut. */
const DRAINED = 64 << 20;

/**
 * @typedef {object} Exchange one request and what became of it
 * @property {number} id
 * @property {number} time when it came, Unix milliseconds
 * @property {string} signal logs, traces or metrics
 * @property {boolean} json
 * @property {number} bytes of the body
 * @property {Buffer} body
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {any[]} records log records, spans or data points
 * @property {number} status 0: not answered
 * @property {number} accepted how many of the records were taken
 * @property {string} note
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} [headers]
 * @property {Buffer} body
 * @property {number} [accepted]
 * @property {string} [note]
 */

const refuse = (status, { json }, message, headers) =>
  ({ status, headers, body: encodeStatus(json, message), note: message });

function accept({ signal, json, records }) {
  return { status: 200, body: encodeResponse(signal, json), accepted: records.length };
}

/** Half, so that both sides can be seen. */
function acceptHalf({ signal, json, records }) {
  const rejected = Math.ceil(records.length / 2);
  const partialSuccess = {
    rejected,
    errorMessage: `${rejected} of ${records.length} records rejected, as told`,
  };
  return {
    status: 200,
    body: encodeResponse(signal, json, partialSuccess),
    accepted: records.length - rejected,
    note: `partial success: ${rejected} rejected`,
  };
}

/**
 * What the receiver can be told to answer. `null` leaves a request hanging.
 *
 * @type {Record<string, (exchange: Exchange, settings: Settings) => Answer | null>}
 * @typedef {{mode: string, retryAfter: number, limit: number}} Settings
 */
export const ANSWERS = {
  ok: accept,
  unavailable: (exchange) => refuse(503, exchange, 'unavailable, as told'),
  busy: (exchange, { retryAfter }) =>
    refuse(429, exchange, `come back in ${retryAfter} s`, { 'retry-after': String(retryAfter) }),
  large: (exchange, { limit }) =>
    exchange.bytes > limit
      ? refuse(413, exchange, `${exchange.bytes} bytes are more than ${limit}`)
      : accept(exchange),
  bad: (exchange) => refuse(400, exchange, 'bad request, as told'),
  denied: (exchange) => refuse(401, exchange, 'not with this token, as told'),
  partial: acceptHalf,
  hang: () => null,
};

/**
 * The bytes, or undefined when there are more than `limit`; the rest is then
 * read without keeping it, since a browser sees no answer while it sends.
 */
function read(request, limit) {
  const chunks = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('close', () => reject(new Error('the body ended early')));
    request.on('end', () => resolve(size > limit ? undefined : Buffer.concat(chunks)));
    request.on('data', (chunk) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      if (size > limit + DRAINED) request.destroy();
    });
  });
}

/** Emits `exchange` when one is over, and `open` when one is left hanging. */
export class Receiver extends EventEmitter {
  /** @type {Settings} */
  settings = { mode: 'ok', retryAfter: 3, limit: 2000 };
  #count = 0;

  /** @param {{maxBody?: number}} [options] */
  constructor({ maxBody = 4 << 20 } = {}) {
    super();
    this.maxBody = maxBody;
  }

  /** Tests replace it. @type {(exchange: Exchange) => any} */
  answer = (exchange) => ANSWERS[this.settings.mode](exchange, this.settings);

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async handle(request, response) {
    const exchange = this.#begin(request);
    response.on('close', () => this.#end(exchange, response));
    try {
      const refused = await this.#take(request, exchange);
      const answer = refused ?? (await this.answer(exchange));
      if (answer === null) return this.#hang(exchange);
      this.#send(exchange, response, answer);
    } catch {
      // The client went away while it was sending.
      response.destroy();
    }
  }

  #begin({ headers, url }) {
    const type = (headers['content-type'] ?? '').split(';')[0].trim();
    return {
      id: ++this.#count, time: Date.now(), signal: signalOf(url.split('?')[0]) ?? 'logs', type, json: TYPES[type] ?? true,
      headers, body: Buffer.alloc(0), bytes: 0, records: [], status: 0, accepted: 0, note: '',
    };
  }

  /** Reads and decodes. Returns a refusal if that is not possible. */
  async #take(request, exchange) {
    if (request.method !== 'POST') return refuse(405, exchange, 'use POST', { allow: 'POST' });
    if (!(exchange.type in TYPES)) {
      return refuse(415, exchange, 'use application/x-protobuf or application/json');
    }
    const body = await read(request, this.maxBody);
    const large = () => refuse(413, exchange, `at most ${this.maxBody} bytes`, { connection: 'close' });
    if (!body) return large();
    exchange.body = body;
    exchange.bytes = body.length;
    return this.#decode(exchange, large);
  }

  async #decode(exchange, large) {
    const coding = exchange.headers['content-encoding'] ?? 'identity';
    if (!['identity', 'gzip'].includes(coding)) return refuse(415, exchange, 'use gzip or no encoding');
    try {
      const { body, json } = exchange;
      const bytes = coding === 'gzip' ? await unzip(body, { maxOutputLength: this.maxBody }) : body;
      exchange.records = decode(exchange.signal, bytes, json);
      return undefined;
    } catch (error) {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') return large();
      return refuse(400, exchange, `not OTLP: ${error.message}`);
    }
  }

  #hang(exchange) {
    exchange.note = 'no answer';
    this.emit('open', exchange);
  }

  #send(exchange, response, { status, headers, body, accepted = 0, note = '' }) {
    Object.assign(exchange, { status, accepted, note });
    const type = exchange.json ? 'application/json' : 'application/x-protobuf';
    response.writeHead(status, { 'content-type': type, 'content-length': body.length, ...headers });
    response.end(body);
  }

  #end(exchange, response) {
    if (!response.writableFinished) exchange.note = 'the client went away';
    this.emit('exchange', exchange);
  }
}
