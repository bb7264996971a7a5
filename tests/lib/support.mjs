// A web site with the support page of the example, and on another origin an
// endpoint that asks the real verifier and remembers what it accepted.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createVerifier, explain } from '../../dist/edge/signed.js';
import { reply } from '../../examples/demo/lib/files.mjs';
import { ROOT, listen } from './site.mjs';

const HTML = 'text/html; charset=utf-8';
const PATH = '/forms/plain_sf_test';
const module = new WebAssembly.Module(readFileSync(`${ROOT}dist/edge/sonde-edge.wasm`));
const escape = (text) => text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
const file = (name) => readFileSync(`${ROOT}${name}`, 'utf8');

/** Not more than the verifier wants to see. */
async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '0',
};

function answerJson(response, { verdict, reason }) {
  const { status = 200, field } = explain(reason) ?? {};
  const conversation = randomUUID();
  const body = verdict === 'reject' ? { ok: false, error: reason, field } : { ok: true, conversation };
  reply(response, status, 'application/json', JSON.stringify(body), { 'access-control-allow-origin': '*' });
}

function answerPage(response, { verdict, reason, next }) {
  if (verdict !== 'reject' && next) return reply(response, 303, HTML, '', { location: next });
  const { status = 200, message = 'Thank you.' } = explain(reason) ?? {};
  return reply(response, status, HTML, `<!doctype html><title>${status}</title><h1>${escape(message)}</h1>`);
}

/** What there is, as the example's server fills it in. */
function pageOf(support, template) {
  const { verifier, action, age } = support;
  const values = {
    render_token: verifier.signRenderToken(Date.now() - age * 1000),
    identity: verifier.mintIdentity('42'),
    action,
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => escape(values[name]));
}

/**
 * @param {object} [options]
 * @param {string} [options.template] of the page, in place of the example's
 * @param {(request: any, response: any) => boolean} [options.before] answers in
 *   place of the endpoint if it returns true
 * @param {Record<string, string>} [options.headers] of the page
 * @param {boolean} [options.cached] the page is rendered only once
 * @param {boolean} [options.allowed] whether the page's origin may send; true
 */
export async function startSupport({ template, before, headers, cached = false, allowed = true } = {}) {
  const support = { stored: [], verdicts: [], requests: [], age: 60, async close() { await Promise.all([site.close(), endpoint.close()]); } };
  const endpoint = await listen(async (request, response) => {
    if (request.url === PATH) support.requests.push(request.method); // not those for the page's icon
    if (before?.(request, response)) return undefined;
    if (request.method === 'OPTIONS') return reply(response, 204, 'text/plain', '', preflight);
    if (request.method !== 'POST') return reply(response, 405, 'text/plain', '');
    const { 'content-type': contentType, origin } = request.headers;
    const verdict = support.verifier.verify({ body: await bodyOf(request), contentType, origin, endpoint: request.url.slice('/forms/'.length) });
    support.verdicts.push(verdict);
    if (verdict.verdict === 'accept') support.stored.push(verdict);
    return contentType.startsWith('application/json') ? answerJson(response, verdict) : answerPage(response, verdict);
  });
  let rendered;
  const site = await listen((request, response) => {
    const path = request.url.split('?')[0];
    if (path === '/support.js') return reply(response, 200, 'text/javascript', file('dist/web/support.js'));
    if (path === '/style.css') return reply(response, 200, 'text/css', file('examples/support/page/style.css'));
    if (path === '/thanks') return reply(response, 200, HTML, '<!doctype html><h1>Thanks page</h1>');
    if (!cached || !rendered) rendered = pageOf(support, template ?? file('examples/support/page/index.html'));
    return reply(response, 200, HTML, rendered, headers);
  });
  support.verifier = createVerifier({
    module,
    secrets: ['a secret of thirty-two characters'],
    allowOrigins: [allowed ? site.origin : 'https://elsewhere.example'],
    allowNext: [site.origin],
    minAge: 30, // a busy machine takes seconds to fill a form in
  });
  support.action = endpoint.origin + PATH;
  support.origin = site.origin;
  return support;
}
