/**
 * Signed identity and support submissions by sonde-edge.wasm, in any host of
 * JavaScript. signed.d.ts is the manual; `src/sonde_signed.h` says what the
 * module does.
 */
import { DEFAULTS, MESSAGES, REASONS } from '../../js/generated/signed.js';
import { shown } from './errors.js';
import { openMemory } from './memory.js';
import { hand, numbers, start, texts } from './options.js';
import { submissions } from './submissions.js';
import { tokens } from './tokens.js';

/** @type {(view: Uint8Array) => unknown} */
const systemRandom = (view) => crypto.getRandomValues(/** @type {Uint8Array<ArrayBuffer>} */ (view));

/**
 * see signed.d.ts
 *
 * @param {import('./signed.js').CreateOptions} options
 * @returns {import('./signed.js').Verifier}
 */
export function createVerifier(options) {
  if (Object(options) !== options) throw new TypeError(`sonde: createVerifier takes an object with module, not ${shown(options)}`);
  const { module, secrets, allowOrigins, allowNext, random = systemRandom } = options;
  if (typeof random !== 'function') throw new TypeError(`sonde: option random must be a function, not ${shown(random)}`);
  const told = numbers({ ...options });
  const lists = { secrets: texts('secrets', secrets), allowOrigins: texts('allowOrigins', allowOrigins), allowNext: texts('allowNext', allowNext) };
  const { wasm, table } = start(module, told);
  const memory = openMemory(wasm.memory, table);
  hand(memory, 'secrets', lists.secrets, wasm.signed_secret);
  hand(memory, 'allowOrigins', lists.allowOrigins, wasm.signed_origin);
  hand(memory, 'allowNext', lists.allowNext, wasm.signed_next);

  let live = true;
  function alive() {
    if (!live) throw new Error('sonde: this verifier was wiped: create another one');
  }
  return {
    ...tokens(wasm, memory, alive, random),
    ...submissions(wasm, memory, alive, told.maxBody ?? DEFAULTS.maxBody),
    wipe() {
      live = false;
      wasm.signed_wipe();
    },
  };
}

/**
 * HTTP status, field and message of a rejection; null for what is none.
 *
 * @param {string | null} reason
 */
export function explain(reason) {
  if (reason === null || !Object.hasOwn(REASONS, reason)) return null;
  const code = /** @type {keyof typeof REASONS} */ (reason);
  const [status, field] = REASONS[code];
  return { status, field, message: MESSAGES[code] };
}
