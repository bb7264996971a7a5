/**
 * What the records come from, in the names of OpenTelemetry's semantic
 * conventions.
 */
import { VERSION } from './version.js';

/**
 * Random and per page load: nothing is stored, so nothing needs consent. Only
 * secure contexts have `randomUUID`.
 *
 * @param {any} host
 */
function newSessionId({ crypto, random }) {
  const bytes = crypto?.getRandomValues?.(new Uint8Array(16)) ?? [0, 0, 0, 0].map(random);
  return crypto?.randomUUID?.() ?? bytes.join('');
}

/**
 * Attributes of the resource; those of the option `resource` win.
 *
 * @param {any} options
 * @param {any} host
 * @returns {Record<string, unknown>}
 */
export function resourceAttributes(options, host) {
  const { userAgentData: data, userAgent, language } = host.navigator ?? {};
  const all = {
    'service.name': options.serviceName || 'unknown_service',
    'service.version': options.serviceVersion,
    'deployment.environment.name': options.environment,
    'session.id': options.sessionId || newSessionId(host),
    'browser.brands': data?.brands?.map((/** @type {any} */ it) => `${it.brand} ${it.version}`),
    'browser.platform': data?.platform,
    'browser.mobile': data?.mobile,
    'browser.language': language,
    'user_agent.original': userAgent,
    'telemetry.sdk.name': 'sonde',
    'telemetry.sdk.language': 'webjs',
    'telemetry.sdk.version': VERSION,
    ...options.resource,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value != null));
}
