// What the buttons log. Each returns what it did, in words.
const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const BURST = 50;
const FLOOD = 2000;
const LEAVING = 200;

const MESSAGES = {
  trace: 'entered renderBasket()',
  debug: 'cache miss for basket:1842',
  info: 'basket opened',
  warn: 'payment provider answered slowly',
  error: 'payment was refused',
  fatal: 'could not start: no configuration',
};

/** A wish from the text box. */
export function say(sonde, severity, message) {
  sonde.logger('page.text-box')[severity](message, { 'app.length': message.length });
}

/** Mostly harmless, now and then severe: as logs are. */
function mixed(index) {
  if (index % 100 === 99) return 'fatal';
  if (index % 20 === 19) return 'error';
  return SEVERITIES[index % 4];
}

/** The exporter sends when the task is over, so the queue has to hold them all. */
function many(sonde, name, count) {
  const logger = sonde.logger(name, '1.0.0');
  for (let index = 0; index < count; index++) {
    const severity = mixed(index);
    logger[severity](`${MESSAGES[severity]} (${index + 1} of ${count})`, { 'app.index': index });
  }
  return `Logged ${count.toLocaleString('en')} records in one task.`;
}

function refuse(order) {
  throw new RangeError(`order ${order} has no items`);
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A parent with two children, the second of which fails. */
async function checkout(sonde) {
  const tracer = sonde.tracer('page.checkout', '1.0.0');
  const logger = sonde.logger('page.checkout', '1.0.0');
  const parent = tracer.startSpan('checkout', { attributes: { 'app.basket.size': 3 } });
  const basket = tracer.startSpan('GET /basket', { kind: 2, attributes: { 'http.request.method': 'GET' } }, parent);
  sonde.withSpan(basket, () => logger.info('reading the basket'));
  await pause(60);
  basket.setAttribute('http.response.status_code', 200).end();
  const payment = tracer.startSpan('POST /payment', { kind: 2, attributes: { 'http.request.method': 'POST' } }, parent);
  await pause(120);
  try {
    refuse(1842);
  } catch (error) {
    sonde.withSpan(payment, () => logger.warn('payment failed', { 'app.order': 1842 }));
    payment.recordException(error);
    payment.setStatus({ code: 2, message: error.message });
  }
  payment.end();
  parent.setStatus({ code: 1 }).end();
}

export const ACTIONS = {
  one(sonde, severity) {
    sonde.logger('page.buttons')[severity](MESSAGES[severity], { 'app.basket.size': 3 });
    return `Logged at ${severity.toUpperCase()}.`;
  },

  exception(sonde) {
    try {
      refuse(1842);
    } catch (error) {
      sonde.logger('page.orders').error('order could not be placed', { 'app.order': 1842 }, error);
    }
    return 'Logged an exception with its stack.';
  },

  structured(sonde) {
    sonde.logger('page.search', '2.3.1').info('search finished', {
      'app.hits': 42,
      'app.seconds': 0.183,
      'app.cached': false,
      'app.tags': ['shoes', 'red', 44],
      'app.user': { plan: 'basic', trial: { active: true, days: 12 } },
      'app.digest': new Uint8Array([0xde, 0xad, 0xbe, 0xef]),
      'app.total': 9007199254740993n,
      'app.coupon': null,
    });
    return 'Logged numbers, booleans, lists, maps, bytes and null.';
  },

  unicode(sonde) {
    sonde.logger('page.текст').info('Żółw 🐢 läuft nach 東京 — „ça va?“', {
      'app.straße': 'Größe 🚀',
      'app.markup': '<img src=x onerror=alert(1)> is text',
    });
    return 'Logged text from many alphabets.';
  },

  trace(sonde) {
    checkout(sonde);
    return 'Traced a checkout whose payment fails.';
  },

  measure(sonde) {
    const meter = sonde.meter('page.buttons', '1.0.0');
    meter.createCounter('app.clicks', { unit: '{click}', description: 'of this button', valueType: 0 }).add(1, { button: 'measure' });
    meter.createGauge('app.elements', { unit: '{element}', valueType: 0 }).record(document.getElementsByTagName('*').length);
    const duration = meter.createHistogram('app.layout', { unit: 'ms', advice: { explicitBucketBoundaries: [0.1, 1, 10, 100] } });
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      document.body.getBoundingClientRect();
      duration.record(performance.now() - start);
    }
    return 'Counted a click, the elements of the page, and how long five layouts take.';
  },

  burst: (sonde) => many(sonde, 'page.burst', BURST),
  flood: (sonde) => many(sonde, 'page.flood', FLOOD),

  flush(sonde) {
    sonde.flush();
    return 'Asked for a request now.';
  },

  leave(sonde) {
    // The next page counts from here.
    sessionStorage.setItem('left', String(Date.now()));
    many(sonde, 'page.leave', LEAVING);
    location.href = '/away';
    return 'Gone.';
  },
};
