// A small shop. It tells what it does through `@opentelemetry/api`, and knows
// nothing else of telemetry.
import { context, logs, metrics, propagation, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('shop', '1.0.0');
const logger = logs.getLogger('shop', '1.0.0');
const meter = metrics.getMeter('shop', '1.0.0');

const orders = meter.createCounter('shop.orders', { description: 'Orders by their outcome', unit: '{order}' });
const inCarts = meter.createUpDownCounter('shop.cart.items', { unit: '{item}' });
const totals = meter.createHistogram('shop.order.total', { unit: 'EUR', advice: { explicitBucketBoundaries: [10, 50, 100] } });
const stock = new Map([['lamp', 3], ['chair', 1]]);
meter.createObservableGauge('shop.stock', { unit: '{item}' }).addCallback((result) => {
  for (const [item, count] of stock) result.observe(count, { item });
});

export function addToCart(cart, item, price) {
  cart.push({ item, price });
  inCarts.add(1);
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: 'added to the cart', attributes: { item, price } });
}

/** Nested, and all at once: the outer span is the parent of the inner ones. */
function reserve(cart) {
  return tracer.startActiveSpan('reserve', (span) => {
    for (const { item } of cart) {
      const left = stock.get(item) - 1;
      if (left < 0) {
        logger.emit({ severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: 'sold out', attributes: { item } });
        span.setStatus({ code: SpanStatusCode.ERROR, message: `no ${item} left` }).end();
        throw new Error(`no ${item} left`);
      }
      stock.set(item, left);
      span.addEvent('reserved', { item, left });
    }
    span.end();
  });
}

/** A request of its own, that carries the trace and the baggage on. */
async function pay(total, fetch) {
  const span = tracer.startSpan('pay', { kind: SpanKind.CLIENT, attributes: { 'order.total': total } });
  const headers = {};
  propagation.inject(trace.setSpan(context.active(), span), headers);
  const { status } = await fetch('/pay', { method: 'POST', headers, body: `${total}` });
  span.setAttribute('http.response.status_code', status);
  if (status !== 200) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  if (status !== 200) throw new RangeError(`the bank says ${status}`);
}

/**
 * Returns whether it was placed. In a browser a context ends where an async
 * function waits, so what has to be done after that is bound to it.
 */
export function placeOrder(cart, { user, before, fetch = globalThis.fetch }) {
  const baggage = propagation.createBaggage({ user: { value: user } });
  const links = before ? [{ context: before, attributes: { why: 'the same visit' } }] : [];
  return context.with(propagation.setBaggage(context.active(), baggage), () => tracer.startActiveSpan(
    'place order', { attributes: { 'cart.items': cart.length, 'cart.list': cart.map(({ item }) => item) }, links }, async (span) => {
      const done = context.bind(context.active(), (outcome, error) => {
        orders.add(1, { outcome });
        inCarts.add(-cart.length);
        if (error) {
          span.recordException(error);
          span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
          logger.emit({ severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', body: 'order failed', attributes: { reason: error.message } });
        }
        span.end();
      });
      try {
        reserve(cart);
        const total = cart.reduce((sum, { price }) => sum + price, 0);
        totals.record(total);
        await pay(total, fetch);
        done('placed');
      } catch (error) {
        done('failed', error);
      }
      return span.spanContext();
    }));
}

/** What a visitor does. */
export async function visit(options = {}) {
  const cart = [];
  addToCart(cart, 'lamp', 19.5);
  addToCart(cart, 'chair', 60);
  const before = await placeOrder(cart, { user: 'Zoë', ...options });
  const next = [];
  addToCart(next, 'chair', 60);
  await placeOrder(next, { user: 'Zoë', before, ...options });
}
