// Random requests of all signals as OTLP JSON, in the spelling that senders use
// and in others that receivers must accept. A request is made of a list of
// bytes: of a shorter list, or of smaller ones, a simpler request.

/** Choices from a list of bytes; zeros when it has ended. */
function choices(list) {
  let at = 0;
  const below = (bound) => (at < list.length ? list[at++] % bound : 0);
  return {
    below,
    pick: (from) => from[below(from.length)],
    some: (make, most = 3) => Array.from({ length: below(most + 1) }, make),
    sometimes: (make) => (below(2) ? make() : undefined),
    ended: () => at >= list.length,
  };
}

const TEXTS = ['', 'a', 'service.name', 'größer', '東京', '🚀', '"\\/\b\f\n\r\t', '\u0000\u007f\u0080\u2028', 'x'.repeat(127), 'y'.repeat(128), 'z'.repeat(300), '<&\'>', ' ', 'ﷺ\u{10ffff}'];
const TIMES = ['0', '1', '1763661600123456789', '9223372036854775808', '18446744073709551615'];
const INTS = ['0', '1', '-1', '127', '128', '2147483648', '9007199254740993', '-9223372036854775808', '9223372036854775807'];
const DOUBLES = [0, -0, 1, -1, 0.1, 1.5, 1 / 3, 1e21, 1e-7, 5e-324, 2 ** 53, 1.7976931348623157e308, 123456789.987654321, 'NaN', 'Infinity', '-Infinity'];
const BYTES = ['', 'AA==', 'AAE=', 'AAEC', '/+8=', 'AAECAwQFBgcICQoLDA0ODw=='];
const UINT32S = [0, 1, 127, 128, 4294967295];
const INT32S = [0, 1, -1, 63, 64, 2147483647, -2147483648];
const hex = (digits, i) => (i === 0 ? '' : Array.from({ length: digits }, (_, n) => ((n * 7 + i * 5) % 16).toString(16)).join(''));

/** Members that are undefined are left out. */
const object = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function parts(c) {
  const any = (depth = 0) => {
    switch (c.below(depth > 4 ? 6 : 8)) {
      case 0: return {};
      case 1: return { stringValue: c.pick(TEXTS) };
      case 2: return { boolValue: c.below(2) === 1 };
      case 3: return { intValue: c.pick(INTS) };
      case 4: return { doubleValue: c.pick(DOUBLES) };
      case 5: return { bytesValue: c.pick(BYTES) };
      case 6: return { arrayValue: { values: c.some(() => any(depth + 1)) } };
      default: return { kvlistValue: { values: c.some(() => keyValue(depth + 1)) } };
    }
  };
  const keyValue = (depth) => ({ key: c.pick(TEXTS), value: any(depth) });
  const attributes = () => c.sometimes(() => c.some(() => keyValue(0)));
  const uint32 = () => c.sometimes(() => c.pick(UINT32S));
  const time = () => c.sometimes(() => c.pick(TIMES));
  const text = () => c.sometimes(() => c.pick(TEXTS));
  const double = () => c.sometimes(() => c.pick(DOUBLES));
  const traceId = () => c.sometimes(() => hex(32, c.below(4)));
  const spanId = () => c.sometimes(() => hex(16, c.below(4)));
  const number = () => c.pick([{}, { asInt: c.pick(INTS) }, { asDouble: c.pick(DOUBLES) }]);
  const resource = () => object({
    attributes: attributes(), droppedAttributesCount: uint32(),
    entityRefs: c.sometimes(() => c.some(() => object({ schemaUrl: text(), type: text(), idKeys: c.some(() => c.pick(TEXTS)), descriptionKeys: c.sometimes(() => c.some(() => c.pick(TEXTS))) }))),
  });
  const scope = () => object({ name: text(), version: text(), attributes: attributes(), droppedAttributesCount: uint32() });

  const log = () => object({
    timeUnixNano: time(), severityNumber: c.sometimes(() => c.pick(INT32S)), severityText: text(), body: c.sometimes(any), attributes: attributes(),
    droppedAttributesCount: uint32(), flags: uint32(), traceId: traceId(), spanId: spanId(), observedTimeUnixNano: time(), eventName: text(),
  });
  const event = () => object({ timeUnixNano: time(), name: text(), attributes: attributes(), droppedAttributesCount: uint32() });
  const link = () => object({ traceId: traceId(), spanId: spanId(), traceState: text(), attributes: attributes(), droppedAttributesCount: uint32(), flags: uint32() });
  const span = () => object({
    traceId: traceId(), spanId: spanId(), traceState: text(), parentSpanId: spanId(), name: text(), kind: c.sometimes(() => c.below(6)),
    startTimeUnixNano: time(), endTimeUnixNano: time(), attributes: attributes(), droppedAttributesCount: uint32(), events: c.sometimes(() => c.some(event)),
    droppedEventsCount: uint32(), links: c.sometimes(() => c.some(link)), droppedLinksCount: uint32(),
    status: c.sometimes(() => object({ message: text(), code: c.sometimes(() => c.below(3)) })), flags: uint32(),
  });

  const exemplar = () => object({ timeUnixNano: time(), ...number(), spanId: spanId(), traceId: traceId(), filteredAttributes: attributes() });
  const point = () => ({ attributes: attributes(), startTimeUnixNano: time(), timeUnixNano: time(), flags: uint32() });
  const exemplars = () => c.sometimes(() => c.some(exemplar));
  const buckets = () => object({ offset: c.sometimes(() => c.pick(INT32S)), bucketCounts: c.sometimes(() => c.some(() => c.pick(TIMES), 5)) });
  const numberPoint = () => object({ ...point(), ...number(), exemplars: exemplars() });
  const histogramPoint = () => object({
    ...point(), count: time(), sum: double(), min: double(), max: double(), exemplars: exemplars(),
    bucketCounts: c.sometimes(() => c.some(() => c.pick(TIMES), 5)), explicitBounds: c.sometimes(() => c.some(() => c.pick(DOUBLES), 5)),
  });
  const exponentialPoint = () => object({
    ...point(), count: time(), sum: double(), min: double(), max: double(), exemplars: exemplars(), scale: c.sometimes(() => c.pick(INT32S)),
    zeroCount: time(), zeroThreshold: double(), positive: c.sometimes(buckets), negative: c.sometimes(buckets),
  });
  const summaryPoint = () => object({ ...point(), count: time(), sum: double(), quantileValues: c.sometimes(() => c.some(() => object({ quantile: double(), value: double() }))) });
  const temporality = () => ({ aggregationTemporality: c.sometimes(() => c.below(3)) });
  const data = () => {
    switch (c.below(6)) {
      case 0: return {};
      case 1: return { gauge: { dataPoints: c.some(numberPoint) } };
      case 2: return { sum: object({ dataPoints: c.some(numberPoint), ...temporality(), isMonotonic: c.sometimes(() => c.below(2) === 1) }) };
      case 3: return { histogram: object({ dataPoints: c.some(histogramPoint), ...temporality() }) };
      case 4: return { exponentialHistogram: object({ dataPoints: c.some(exponentialPoint), ...temporality() }) };
      default: return { summary: { dataPoints: c.some(summaryPoint) } };
    }
  };
  const metric = () => object({ name: text(), description: text(), unit: text(), ...data(), metadata: attributes() });
  return { resource, scope, text, logs: log, traces: span, metrics: metric };
}

const NAMES = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
};

/** @param {keyof typeof NAMES} signal @param {number[]} list bytes */
export function requestOf(signal, list) {
  const c = choices(list);
  const p = parts(c);
  const [resources, scopes, records] = NAMES[signal];
  const scoped = () => object({ scope: c.sometimes(p.scope), [records]: [p[signal](), ...c.some(p[signal])], schemaUrl: p.text() });
  return { [resources]: [object({ resource: c.sometimes(p.resource), [scopes]: [scoped(), ...c.some(scoped, 1)], schemaUrl: p.text() }), ...c.some(() => ({}), 1)] };
}

/** JSON of a value with its whole numbers, names and space in other spellings. */
export function respelt(value, list) {
  const c = choices(list);
  const space = () => (c.below(4) ? '' : c.pick([' ', '\n', '\t', ' \r\n']));
  const whole = (text) => c.pick([text, `"${text}"`, text === '0' ? '0e5' : `${text}.0`, `"${text}e0"`]);
  const put = (one, key) => {
    if (/(Nano|Count|Counts|intValue|asInt|count)$/.test(key) && typeof one !== 'object') return whole(String(one));
    if (/(Id)$/.test(key)) return c.below(2) ? JSON.stringify(one.toUpperCase()) : JSON.stringify(one);
    if (key === 'bytesValue') return c.below(2) ? JSON.stringify(one.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')) : JSON.stringify(one);
    if (Array.isArray(one)) return `[${space()}${one.map((item) => put(item, key)).join(`${space()},${space()}`)}]`;
    if (typeof one === 'object') {
      const members = Object.entries(one).map(([name, item]) => `${JSON.stringify(name)}${space()}:${space()}${put(item, name)}`);
      if (c.below(8) === 1) members.unshift('"unknown":[{"a":null},1e9]');
      if (c.below(8) === 1 && !('schemaUrl' in one)) members.push('"schemaUrl":null');
      return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
    }
    return Object.is(one, -0) ? '-0' : JSON.stringify(one);
  };
  return put(value, '');
}
