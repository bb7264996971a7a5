// Log calls through Sonde's own API.
import { SIGNAL, launch, nextBody } from '../lib/sonde.mjs';
import { COUNT, RESOURCE, SCOPES } from './data.mjs';

/**
 * @param {{script: string, wasm: string}} where
 * @param {object} [more] options of `create`
 */
export async function start(where, more) {
  const { client, core } = await launch(where, { resource: RESOURCE, ...more });
  const loggers = SCOPES.map(({ name, version }) => client.logger(name, version));
  return { client, core, loggers };
}

/** Logs all; each method is called by its name, as in an app. */
export function callAll(loggers, list) {
  for (const { scope, level, body, attributes } of list) {
    const logger = loggers[scope];
    if (level.number === 5) logger.debug(body, attributes);
    else if (level.number === 9) logger.info(body, attributes);
    else logger.warn(body, attributes);
  }
  return list;
}

/** @returns the cases, as `peers` gives them, with what to do before each */
export async function sonde(list, where) {
  const { client, core, loggers } = await start(where, { maxBatchRecords: COUNT });
  const empty = async () => { await client.flush(); };
  const full = async () => { await empty(); callAll(loggers, list); };
  const row = (name, prepare, batch) => ({ case: name, impl: 'sonde', prepare, batch });
  return [
    row('call_to_encoded', empty, () => callAll(loggers, list)),
    row('batch_to_body', full, () => nextBody(core, SIGNAL.logs)),
    row('call_to_body', empty, () => {
      callAll(loggers, list);
      return nextBody(core, SIGNAL.logs);
    }),
  ];
}
