/**
 * The package's entry. README.md describes the API.
 */
import { Logger } from './logger.js';
import { check, coreOptions, hostFrom, TARGET, targetFrom, whole } from './options.js';
import { openPipe } from './pipe.js';

export { VERSION } from './version.js';

/** An app with more has made their names up: those are not remembered. */
const MAX_LOGGERS = 1000;

/**
 * Throws if options are wrong; nothing else here ever throws but `configure`.
 *
 * @param {any} [options]
 */
export function create(options = {}) {
  check(options);
  const host = hostFrom(options);
  const base = host.document?.baseURI;
  const settings = {
    ...options,
    core: coreOptions(options),
    online: options.online ?? (() => host.navigator?.onLine !== false),
    timeout: whole('timeout', options.timeout ?? 30000, 1, 600000),
    target: targetFrom(options, base),
  };
  const pipe = openPipe(settings, host);
  /** @type {Map<string, Logger>} */
  const loggers = new Map();

  return {
    get ready() {
      return pipe.ready;
    },

    /** @param {string} name @param {string} [version] */
    logger(name, version = '') {
      const key = JSON.stringify([name, version]);
      const logger = loggers.get(key) ?? new Logger(pipe, { name: `${name}`, version: `${version}` });
      if (loggers.size < MAX_LOGGERS) loggers.set(key, logger);
      return logger;
    },

    flush: pipe.flush,
    stats: pipe.stats,
    close: pipe.close,

    /** Throws if options are wrong. @param {any} changes */
    configure(changes) {
      check(changes, TARGET);
      const target = targetFrom({ ...settings, ...changes }, base);
      Object.assign(settings, changes, { target });
      pipe.enable();
    },
  };
}
