/**
 * What the records come from, in the names of OpenTelemetry's semantic
 * conventions.
 */
import { copyOf } from './attributes.js';
import { VERSION } from './version.js';

/**
 * Attributes of the resource; those of the option `resource` win.
 *
 * @param {any} options of `create`, completed
 * @param {(count: number) => string} digits for the id of a session, random for each
 *   page load: nothing is stored, so nothing needs consent
 */
export function resourceAttributes(options, digits) {
  const { userAgentData: data, userAgent, language } = options.navigator ?? {};
  return {
    'service.name': options.serviceName || 'unknown_service',
    'service.version': options.serviceVersion,
    'deployment.environment.name': options.environment,
    'session.id': options.sessionId || digits(32),
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
