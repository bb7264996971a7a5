/**
 * What an application logs with. It has the methods of `Logger` of
 * `@opentelemetry/api-logs`, too.
 */

/**
 * @typedef {object} Sink
 * @property {(scope: import('./record.js').Scope, severity: number, body: unknown, attributes?: any, error?: unknown) => void} log
 * @property {(scope: import('./record.js').Scope, record: any) => void} emit
 * @property {() => boolean} enabled
 */

export class Logger {
  /** @param {Sink} sink @param {import('./record.js').Scope} scope */
  constructor(sink, scope) {
    this._sink = sink;
    this._scope = scope;
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  trace(message, attributes, error) {
    this._sink.log(this._scope, 1, message, attributes, error);
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  debug(message, attributes, error) {
    this._sink.log(this._scope, 5, message, attributes, error);
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  info(message, attributes, error) {
    this._sink.log(this._scope, 9, message, attributes, error);
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  warn(message, attributes, error) {
    this._sink.log(this._scope, 13, message, attributes, error);
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  error(message, attributes, error) {
    this._sink.log(this._scope, 17, message, attributes, error);
  }

  /** @param {unknown} message @param {any} [attributes] @param {unknown} [error] */
  fatal(message, attributes, error) {
    this._sink.log(this._scope, 21, message, attributes, error);
  }

  /** @param {any} record */
  emit(record) {
    this._sink.emit(this._scope, record);
  }

  enabled() {
    return this._sink.enabled();
  }
}
