// The set-up comes first: meters of before it record nothing, whatever the SDK.
import { flush } from './setup-sonde.js';
import { visit } from './app.js';

globalThis.visited = visit().then(flush);
