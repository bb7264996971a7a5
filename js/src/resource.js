/**
 * What the records come from, in the names of OpenTelemetry's semantic
 * conventions.
 */
import { copyOf } from './attributes.js';
import { VERSION } from './version.js';

/**
 * Random and per page load: nothing is stored, so nothing needs consent. Only
 * secure contexts have `randomUUID`.
 *
 * @param {any} settings
 */
function newSessionId({ crypto, random }) {
  return crypto?.randomUUID?.() ?? crypto?.getRandomValues?.(new Uint32Array(4)).join('-') ?? `${random()}`;
}

/**
 * Attributes of the resource; those of the option `resource` win.
 *
 * @param {any} options of `create`, completed
 */
export function resourceAttributes(options) {
  const { userAgentData: data, userAgent, language } = options.navigator ?? {};
  return {
    'service.name': options.serviceName || 'unknown_service',
    'service.version': options.serviceVersion,
    'deployment.environment.name': options.environment,
    'session.id': options.sessionId || newSessionId(options),
    'browser.brands': data?.brands?.map((/** @type {any} */ it) => `${it.brand} ${it.version}`),
    'browser.platform': data?.platform,
    'browser.mobile': data?.mobile,
    'browser.language': language,
    'user_agent.original': userAgent,
    'telemetry.sdk.name': 'sonde',
    'telemetry.sdk.language': 'webjs',
    'telemetry.sdk.version': VERSION,
    ...copyOf(options.resource),
  };
}
