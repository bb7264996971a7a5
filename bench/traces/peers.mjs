// What Sonde is compared with: both lines of OTel JS, and JSON written by hand.
//
// OTel JS gets a processor that does nothing but keep the spans: less than its
// own BatchSpanProcessor does.
import { otel2, otel3 } from '../lib/otel.mjs';
import { apiCalls } from './calls.mjs';
import { RESOURCE, SCOPE } from './data.mjs';

/** Ends into an array. */
function otel(api, list, root) {
  let kept = [];
  const processor = {
    onStart() {},
    onEnd: (span) => void kept.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new api.TracerProvider({
    resource: api.resourceFromAttributes(RESOURCE),
    spanProcessors: [processor],
    ...root && { sampler: new api.ParentBasedSampler({ root }) },
  });
  const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
  const all = apiCalls();
  return () => {
    all(tracer, list, api);
    const spans = kept;
    kept = [];
    return spans;
  };
}

/** Calls to a body that could be sent. */
function otelBodies(api, list, serializer) {
  const ended = otel(api, list);
  return () => serializer.serializeRequest(ended());
}

/** What must come out of it is nothing. */
function otelUnsampled(api, list, root) {
  const ended = otel(api, list, root);
  return () => {
    if (ended().length > 0) throw new Error('spans that are not sampled');
    return list;
  };
}

// --- by hand ---------------------------------------------------------------

const wrapped = (value) => {
  switch (typeof value) {
    case 'string': return { stringValue: value };
    case 'boolean': return { boolValue: value };
    case 'number': return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  }
  return { arrayValue: { values: value.map(wrapped) } };
};

const pair = (key, value) => ({ key, value: wrapped(value) });
const pairs = (map) => Object.entries(map).map(([key, value]) => pair(key, value));

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const random = new Uint8Array(16);

function id(size) {
  crypto.getRandomValues(random);
  let text = '';
  for (let i = 0; i < size; i++) text += DIGITS[random[i]];
  return text;
}

const time = () => `${Math.round((performance.timeOrigin + performance.now()) * 1000)}000`;

/** As one would write it for an OTLP receiver, with nothing that is not needed. */
function started({ name, kind, first, links }, parent) {
  return {
    traceId: parent ? parent.traceId : id(16),
    spanId: id(8),
    ...parent && { parentSpanId: parent.spanId },
    name,
    kind: kind + 1,
    startTimeUnixNano: time(),
    endTimeUnixNano: '',
    attributes: pairs(first),
    events: [],
    links: links.map(({ context: { traceId, spanId }, attributes }) => ({ traceId, spanId, attributes: pairs(attributes) })),
  };
}

function worked(span, { later, last, events }) {
  for (const [key, value] of later) span.attributes.push(pair(key, value));
  for (const { name, attributes } of events)
    span.events.push({ timeUnixNano: time(), name, attributes: pairs(attributes) });
  for (const key in last) span.attributes.push(pair(key, last[key]));
}

/** OTLP JSON by hand: an object a span, one `JSON.stringify` a batch. */
function jsonBodies(list) {
  const resource = { attributes: pairs(RESOURCE) };
  const encoder = new TextEncoder();
  return () => {
    const spans = [];
    let root;
    const end = (span) => {
      span.endTimeUnixNano = time();
      spans.push(span);
    };
    for (const item of list) {
      const span = started(item, item.root ? undefined : root);
      worked(span, item);
      if (item.root) {
        if (root) end(root);
        root = span;
      } else {
        end(span);
      }
    }
    end(root);
    return encoder.encode(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: SCOPE, spans }] }] }));
  };
}

/**
 * Each returns something with a `length`, from a batch of spans.
 *
 * @param {import('./data.mjs').Item[]} list
 */
export function peers(list) {
  const row = (name, impl, batch) => ({ case: name, impl, batch });
  const none = ({ AlwaysOffSampler }) => new AlwaysOffSampler();
  const ratio = ({ TraceIdRatioBasedSampler }) => new TraceIdRatioBasedSampler(0);
  return [
    row('call_to_queued', 'otel_3.1', otel(otel3, list)),
    row('call_to_body', 'otel_3.1_protobuf', otelBodies(otel3, list, otel3.ProtobufTraceSerializer)),
    row('call_to_body', 'otel_3.1_json', otelBodies(otel3, list, otel3.JsonTraceSerializer)),
    row('call_to_body', 'otel_2.12_protobuf', otelBodies(otel2, list, otel2.ProtobufTraceSerializer)),
    row('call_to_body', 'json_utf8', jsonBodies(list)),
    row('unsampled', 'otel_3.1_ratio', otelUnsampled(otel3, list, ratio(otel3))),
    row('unsampled', 'otel_3.1_off', otelUnsampled(otel3, list, none(otel3))),
    row('unsampled', 'otel_2.12_off', otelUnsampled(otel2, list, none(otel2))),
  ];
}
