// Sonde behind the API. `sonde` and its .wasm file instead of `sonde/inline`
// is smaller, and starts a little later.
import { create } from 'sonde/inline';
import { register } from 'sonde/otel';

const sonde = create({ endpoint: '/otlp', token: false, serviceName: 'shop', environment: 'example' });
register(sonde);

export const flush = () => sonde.flush();
