// The calls of an app for one measurement of each series. `fresh` makes its
// objects anew, as apps do that have none to keep.
import { anew } from '../lib/anew.mjs';

/** Each returns what it was given. */
export const calls = () => ({
  addKept: anew((counter, list) => {
    for (const { count, attributes } of list) counter.add(count, attributes);
    return list;
  }),
  addFresh: anew((counter, list) => {
    for (const { count, route, method, status } of list)
      counter.add(count, { 'http.route': route, 'http.request.method': method, 'http.response.status_code': status });
    return list;
  }),
  addBound: anew((bound, list) => {
    for (let i = 0; i < list.length; i++) bound[i].add(list[i].count);
    return list;
  }),
  recordKept: anew((histogram, list) => {
    for (const { duration, attributes } of list) histogram.record(duration, attributes);
    return list;
  }),
  recordFresh: anew((histogram, list) => {
    for (const { duration, route, method, status } of list)
      histogram.record(duration, { 'http.route': route, 'http.request.method': method, 'http.response.status_code': status });
    return list;
  }),
  recordBound: anew((bound, list) => {
    for (let i = 0; i < list.length; i++) bound[i].record(list[i].duration);
    return list;
  }),
  gaugeKept: anew((gauge, list) => {
    for (const { duration, attributes } of list) gauge.record(duration, attributes);
    return list;
  }),
});

/**
 * The rows of one implementation.
 *
 * @param {string} impl
 * @param {import('./data.mjs').Item[]} list
 * @param {{counter: any, histogram: any, gauge: any}} instruments
 * @param {() => Promise<Uint8Array>} collect all points since the last time
 */
export function measuring(impl, list, { counter, histogram, gauge }, collect) {
  const all = calls();
  const row = (name, batch) => ({
    case: name,
    impl,
    batch,
    async proof() {
      await collect();
      batch();
      return collect();
    },
  });
  const rows = [
    row('add_kept', () => all.addKept(counter, list)),
    row('add_fresh', () => all.addFresh(counter, list)),
    row('record_kept', () => all.recordKept(histogram, list)),
    row('record_fresh', () => all.recordFresh(histogram, list)),
    row('gauge_kept', () => all.gaugeKept(gauge, list)),
  ];
  if (!counter.bind) return rows;
  const counters = list.map(({ attributes }) => counter.bind(attributes));
  const histograms = list.map(({ attributes }) => histogram.bind(attributes));
  return [
    ...rows,
    row('add_bound', () => all.addBound(counters, list)),
    row('record_bound', () => all.recordBound(histograms, list)),
  ];
}
