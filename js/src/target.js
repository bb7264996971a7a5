/**
 * Where requests go, and with which headers.
 */
import { fail } from './options.js';

const PATH = '/v1/logs';

/**
 * Undefined when there is no endpoint, or no token for it: then nothing is to
 * be sent, nor to be complained about.
 *
 * @param {any} options
 * @param {string | undefined} base what relative addresses are relative to
 * @returns {import('./exchange.js').Target | undefined}
 */
export function targetFrom({ endpoint, logsEndpoint, token, headers }, base) {
  const url = logsEndpoint ? parse('logsEndpoint', logsEndpoint, base)
    : endpoint ? extend(parse('endpoint', endpoint, base)) : undefined;
  const all = headersFrom(headers ?? {}, token);
  return url && (token === false || all.has('authorization'))
    ? { url: url.href, headers: all } : undefined;
}

/** @param {string} name @param {string} text @param {string} [base] */
function parse(name, text, base) {
  let url;
  try {
    url = new URL(text, base);
  } catch {
    return fail(name, 'an http or https URL', text);
  }
  const { protocol, username, password } = url;
  if (!/^https?:$/.test(protocol)) fail(name, `an http or https URL (it is ${protocol})`, text);
  if (username || password) fail(name, 'without user name and password: use "headers"', text);
  url.hash = '';
  return url;
}

/** As OpenTelemetry does; the whole address is understood, too. @param {URL} url */
function extend(url) {
  url.pathname = url.pathname.replace(/\/*$/, '').replace(/\/v1\/logs$/, '') + PATH;
  return url;
}

/**
 * The engine's own message would show the value.
 *
 * @param {any} headers
 * @param {string | false | undefined} token
 */
function headersFrom(headers, token) {
  let name = 'headers';
  try {
    const all = new Headers(headers);
    name = 'token';
    if (token && !all.has('authorization')) all.set('authorization', `Bearer ${token}`);
    return all;
  } catch {
    return fail(name, 'what HTTP allows in a header', headers);
  }
}
