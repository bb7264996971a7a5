/**
 * Views: what becomes of an instrument instead of what the code asks for.
 */
import { wrong } from './src/options.js';

/** Boundaries that the core takes. */
const MAX_ITEMS = 256;

/** What a view may have: how texts must be, or a list. @type {any} */
const RULES = {
  instrument: /^[\w./*-]+$/,
  meter: /^/,
  name: /^[a-z][\w./-]{0,254}$/i,
  description: /^/,
  aggregation: /^(drop|exponential|default)$/,
  attributeKeys: 'string',
  boundaries: 'number',
};

/** @param {any} rule @param {any} value */
const fits = (rule, value) => (rule?.test ? typeof value === 'string' && rule.test(value)
  : rule && Array.isArray(value) && value.length <= MAX_ITEMS && value.every((it, i) => typeof it === rule
    && (rule === 'string' || (it > (value[i - 1] ?? -Infinity) && it < Infinity))));

/**
 * What option `views` of `create` takes: it gives the view of an instrument,
 * which is the first that matches. Throws if one is wrong.
 *
 * @param {any} [given]
 * @returns {(meter: string, instrument: string) => any}
 */
export function views(given = []) {
  if (!Array.isArray(given)) throw wrong('views', given, 'a list');
  const list = given.map((view) => {
    for (const key of ['instrument', ...Object.keys(view ?? {})]) {
      if (!fits(RULES[key], view?.[key])) throw wrong(`views: ${key}`, view?.[key], 'as metrics.md says');
    }
    // Names are equal whatever the case of their letters.
    const pattern = RegExp(`^${view.instrument.replace(/\W/g, (/** @type {string} */ it) => (it === '*' ? '.*' : `\\${it}`))}$`, 'i');
    return { ...view, pattern };
  });
  return (meter, instrument) => list.find((it) => (it.meter ?? meter) === meter && it.pattern.test(instrument)) ?? {};
}
