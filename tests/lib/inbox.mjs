// What a receiver got, and a way to wait for it.
import { setTimeout as delay } from 'node:timers/promises';
import { plain } from '../../examples/demo/lib/otlp.mjs';
import { Receiver } from '../../examples/demo/lib/receiver.mjs';

const STEP = 20;

/**
 * Waits until `condition` gives something truthy, and returns that.
 *
 * @template T
 * @param {string} what for the message
 * @param {() => T | Promise<T>} condition
 */
export async function until(what, condition, ms = 10_000) {
  for (const end = Date.now() + ms; ;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await delay(STEP);
  }
}

/** A receiver that remembers. */
export class Inbox extends Receiver {
  /** All that are over, in the order of their end. @type {import('../../examples/demo/lib/receiver.mjs').Exchange[]} */
  exchanges = [];

  /** @param {{maxBody?: number}} [options] */
  constructor(options) {
    super(options);
    this.on('exchange', (exchange) => this.exchanges.push(exchange));
  }

  /** The handler for a site. */
  backend = (request, response) => this.handle(request, response);

  /** What was taken of a signal, doubles included. @param {string} signal */
  taken(signal) {
    return this.exchanges.filter((one) => one.signal === signal).flatMap(({ records, accepted }) => records.slice(0, accepted));
  }

  get records() {
    return this.taken('logs');
  }

  get spans() {
    return this.taken('traces');
  }

  /** Data points. */
  get points() {
    return this.taken('metrics');
  }

  /** Their bodies as JavaScript values. */
  get bodies() {
    return this.records.map(({ body }) => plain(body));
  }

  /** Waits for `count` records. */
  async received(count, ms) {
    await until(`${count} records`, () => this.records.length >= count, ms).catch((error) => {
      throw new Error(`${error.message}; there are ${this.records.length}`);
    });
    return this.records;
  }

  /** Waits until nothing has come for a while: for what may or may not arrive. */
  async settled(quiet = 700) {
    for (let seen = -1; seen !== this.exchanges.length;) {
      seen = this.exchanges.length;
      await delay(quiet);
    }
    return this.records;
  }
}
