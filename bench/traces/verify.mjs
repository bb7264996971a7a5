// Checks that every implementation did the work: each body is decoded and must
// hold the same spans, in the same trees.
import { isDeepStrictEqual } from 'node:util';
import { contains, decoder, isRecent, object } from '../lib/otlp.mjs';
import { RESOURCE, SCOPE, items } from './data.mjs';

const decode = decoder('traces');

const id = (given) => (typeof given === 'string' ? given.toLowerCase() : given ? Buffer.from(given).toString('hex') : '');

const linkOf = ({ traceId, spanId, attributes }) =>
  ({ traceId: id(traceId), spanId: id(spanId), attributes: object(attributes) });

/** A span without ids and times. */
const shape = ({ name, kind, attributes, events, links }) => ({
  name,
  kind,
  attributes: object(attributes),
  events: events.map((event) => ({ name: event.name, attributes: object(event.attributes) })),
  links: links.map(linkOf),
});

/** The same of the data. */
const wanted = ({ name, kind, first, later, last, events, links }) => ({
  name,
  kind: kind + 1,
  attributes: { ...first, ...Object.fromEntries(later), ...last },
  events,
  links: links.map(({ context: { traceId, spanId }, attributes }) => ({ traceId, spanId, attributes })),
});

/** Its times: now, and in their order. */
function isTimed({ startTimeUnixNano, endTimeUnixNano, events }) {
  const times = [startTimeUnixNano, ...events.map((event) => event.timeUnixNano), endTimeUnixNano].map(BigInt);
  return times.every((time, i) => isRecent(time) && (i === 0 || time >= times[i - 1]));
}

/** Throws if a body is not the 256 spans, each below its root. */
function check(refuse, body) {
  const { resourceSpans: [{ resource, scopeSpans }, ...others] } = decode(body);
  if (others.length > 0 || scopeSpans.length !== 1) refuse('not one resource and one scope');
  const [{ scope, spans }] = scopeSpans;
  if (!contains(object(resource.attributes), RESOURCE)) refuse('another resource');
  if (!contains(scope, SCOPE)) refuse('another scope');
  // Links tell them apart; they come as they end, roots last.
  const found = new Map(spans.map((span) => [id(span.links[0].spanId), span]));
  if (new Set(spans.map((span) => id(span.spanId))).size !== spans.length) refuse('the same id twice');
  const list = items();
  if (spans.length !== list.length || found.size !== list.length) refuse(`${spans.length} spans`);
  let root;
  list.forEach((item, i) => {
    const span = found.get(item.links[0].context.spanId);
    if (!span || !isDeepStrictEqual(shape(span), wanted(item))) refuse(`span ${i} is ${JSON.stringify(span)}`);
    if (!isTimed(span)) refuse(`span ${i} has wrong times`);
    if (item.root) root = span;
    const ids = [id(span.traceId), id(span.spanId), id(span.parentSpanId)];
    if (ids[0] !== id(root.traceId) || ids[2] !== (item.root ? '' : id(root.spanId))) refuse(`span ${i} is in another tree`);
    if (!/^[\da-f]{32},[\da-f]{16},([\da-f]{16})?$/.test(ids.join())) refuse(`span ${i} has wrong ids`);
  });
}

/** Throws unless it is what was asked for. @param {string} impl @param {string} name @param {Buffer} body */
export function verify(impl, name, body) {
  check((what) => { throw new Error(`${impl} ${name}: ${what}`); }, body);
}
