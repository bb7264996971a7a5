/**
 * What the records come from, in the names of OpenTelemetry's semantic
 * conventions.
 */
import { VERSION } from './version.js';

/**
 * Random and per page load: nothing is stored, so nothing needs consent.
 *
 * @param {import('./host.js').Host} host
 */
export function newSessionId({ crypto, random }) {
  if (crypto?.randomUUID) return crypto.randomUUID();
  // Only secure contexts have randomUUID.
  const bytes = crypto?.getRandomValues?.(new Uint8Array(16))
    ?? Array.from({ length: 16 }, () => random() * 256);
  return Array.from(bytes, (byte) => (byte | 256).toString(16).slice(1)).join('');
}

/** @param {any} navigator */
function browser(navigator) {
  const { userAgentData: data, userAgent, language } = navigator ?? {};
  return {
    'browser.brands': data?.brands?.map((/** @type {any} */ it) => `${it.brand} ${it.version}`),
    'browser.platform': data?.platform,
    'browser.mobile': data?.mobile,
    'browser.language': language,
    'user_agent.original': userAgent,
  };
}

/**
 * Attributes of the resource; `settings.resource` wins.
 *
 * @param {any} settings
 * @param {import('./host.js').Host} host
 * @returns {Record<string, unknown>}
 */
export function resourceAttributes(settings, host) {
  const { serviceName, serviceVersion, environment, sessionId, resource } = settings;
  /** @type {Record<string, unknown>} */
  const all = {
    'service.name': serviceName || 'unknown_service',
    'service.version': serviceVersion,
    'deployment.environment.name': environment,
    // The name until semantic conventions 1.27, which many back ends still read.
    'deployment.environment': environment,
    'session.id': sessionId || newSessionId(host),
    ...browser(host.navigator),
    'telemetry.sdk.name': 'sonde',
    'telemetry.sdk.language': 'webjs',
    'telemetry.sdk.version': VERSION,
    ...resource,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value != null && value !== ''));
}
