/**
 * The package with the module inside: `create` needs no option `wasm`.
 * `build.mjs` puts the bytes in place of the import.
 */
import base64 from 'sonde-web.wasm';
import { create as createWith } from './index.js';

const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** @param {any} [options] as for the package without the module */
export const create = (options) => createWith({ ...options, wasm: options?.wasm ?? bytes });
