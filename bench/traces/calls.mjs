// The calls of an app for all spans of the data.
import { anew } from '../lib/anew.mjs';

/** Returns `(tracer, list) => list`, for tracers of Sonde. */
export const ownCalls = () => anew((tracer, list) => {
  let root;
  for (const item of list) {
    const { first, events, later, links } = item;
    const parent = item.root ? null : root;
    const span = tracer.startSpan(item.name, { kind: item.kind, attributes: first, links }, parent);
    span.setAttribute(later[0][0], later[0][1]);
    span.setAttribute(later[1][0], later[1][1]);
    span.addEvent(events[0].name, events[0].attributes);
    span.addEvent(events[1].name, events[1].attributes);
    span.setAttributes(item.last);
    if (item.root) {
      root?.end();
      root = span;
    } else {
      span.end();
    }
  }
  root.end();
  return list;
});

/** Returns `(tracer, list, api) => list`, for tracers of the API, which take a context. */
export const apiCalls = () => anew((tracer, list, { ROOT_CONTEXT, trace }) => {
  let root;
  let below;
  for (const item of list) {
    const { first, events, later, links } = item;
    const context = item.root ? ROOT_CONTEXT : below;
    const span = tracer.startSpan(item.name, { kind: item.kind, attributes: first, links }, context);
    span.setAttribute(later[0][0], later[0][1]);
    span.setAttribute(later[1][0], later[1][1]);
    span.addEvent(events[0].name, events[0].attributes);
    span.addEvent(events[1].name, events[1].attributes);
    span.setAttributes(item.last);
    if (item.root) {
      root?.end();
      root = span;
      below = trace.setSpan(ROOT_CONTEXT, span);
    } else {
      span.end();
    }
  }
  root.end();
  return list;
});
