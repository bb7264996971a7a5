// The tables of what arrived. All text comes from calls of the page, so it is
// only ever set as text.
const MOST = 500;
const LONG = 90;
/** More at once are not animated: it costs too much and shows nothing. */
const ANIMATED = 20;
const NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const SPAN_KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
/** With the severity whose colour they have. */
const STATUSES = [['unset', 'debug'], ['ok', 'info'], ['error', 'error']];
const POINT_KINDS = { exponentialHistogram: 'exp. hist.', histogram: 'hist.' };

const $ = (selector) => document.querySelector(selector);

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function cell(className, ...children) {
  const element = make('td', className, ...children);
  element.setAttribute('role', 'cell');
  return element;
}

/** 1 … 24 in six bands of four; 0 is not known. */
const bandOf = (number) => NAMES[Math.ceil(number / 4) - 1] ?? 'trace';

/** `time` is Unix milliseconds. */
export function clock(time) {
  const date = new Date(time);
  const element = make('time', '', `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`);
  element.dateTime = date.toISOString();
  return element;
}

function badge({ severityNumber, severityText }) {
  const element = make('span', 'badge', severityText || `${severityNumber}`);
  element.dataset.severity = bandOf(severityNumber);
  return element;
}

const written = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function attribute([key, value]) {
  const text = written(value);
  if (text.length <= LONG && !text.includes('\n')) return make('span', '', make('b', '', key), text);
  const start = `${text.slice(0, LONG).split('\n')[0]} …`;
  return make('details', '', make('summary', '', make('b', '', key), start), make('pre', '', text));
}

function scope({ name, version }) {
  const element = cell('scope', name || '–', version ? make('small', '', ` ${version}`) : '');
  element.title = `${name} ${version}`;
  return element;
}

/** A row is new once: cells that are shown again would be animated again. */
export function settleLater(element) {
  element.addEventListener('animationend', () => element.classList.remove('new'), { once: true });
  return element;
}

const attributesOf = (list) => make('div', 'attributes', ...list.map(attribute));

function log(record) {
  const body = make('div', 'body', record.body === null ? '' : written(record.body));
  if (record.eventName) body.prepend(make('b', '', record.eventName, ' '));
  return [cell('', badge(record)), scope(record.scope), cell('', body, attributesOf(record.attributes))];
}

/** The badge of something that has no severity. */
function word(text, severity) {
  const element = make('span', 'badge', text);
  element.dataset.severity = severity;
  return element;
}

/** The ids of one trace have one colour. */
function trace(span) {
  const element = cell('scope mono', span.traceId.slice(0, 8));
  element.style.setProperty('--hue', parseInt(span.traceId.slice(0, 6), 16) % 360);
  element.title = `trace ${span.traceId}, span ${span.spanId}${span.parentSpanId ? `, parent ${span.parentSpanId}` : ''}`;
  element.classList.add('trace');
  return element;
}

const duration = (ms) => (ms < 10 ? `${ms.toFixed(2)} ms` : `${Math.round(ms).toLocaleString('en')} ms`);

function spanRow(span) {
  const [text, tone] = STATUSES[span.status.code] ?? STATUSES[0];
  const name = make('div', 'body', make('b', 'name', span.name), make('span', 'kind', ` ${SPAN_KINDS[span.kind] ?? ''} `), make('span', 'duration', duration(span.duration)));
  if (span.status.message) name.append(make('span', 'kind', ` ${span.status.message}`));
  if (span.parentSpanId) name.prepend(make('span', 'kind', '↳ '));
  const events = span.events.map((event) => attribute([event.name, Object.fromEntries(event.attributes)]));
  const details = attributesOf(span.attributes);
  details.append(...events);
  return [cell('', word(text, tone)), trace(span), cell('', name, details)];
}

function measured({ value, count, sum, min, max, unit }) {
  const written = (number) => `${typeof number === 'number' ? Number(number.toPrecision(6)) : number}${unit && !unit.startsWith('{') ? ` ${unit}` : ''}`;
  if (count === null) return written(value);
  return `${count} values, ${written(min)} to ${written(max)}, ${written(sum)} in all`;
}

function point(it) {
  const name = make('div', 'body', make('b', 'name', it.name), ' ', make('span', 'duration', measured(it)));
  if (it.description) name.append(make('span', 'kind', ` ${it.description}`));
  return [cell('', word(POINT_KINDS[it.kind] ?? it.kind, 'info')), scope(it.scope), cell('', name, attributesOf(it.attributes))];
}

/** Where what arrived is shown, by signal. */
const TABLES = {
  logs: { rows: '#rows', cells: log, words: ['one record', 'records'] },
  traces: { rows: '#spans', cells: spanRow, words: ['one span', 'spans'] },
  metrics: { rows: '#points', cells: point, words: ['one point', 'points'] },
};

function row(item, cells, isNew) {
  const element = make('tr', isNew ? 'new' : '', cell('', clock(item.time)), ...cells(item));
  if (item.status?.code === 2) element.classList.add('failed');
  element.setAttribute('role', 'row');
  return settleLater(element);
}

/**
 * Newest on top. A request's records are in the order of the calls.
 *
 * @param {{signal: string, records: object[], total: number}} news `total` since the last clearing
 */
export function showArrived({ signal, records, total }) {
  const table = TABLES[signal];
  const rows = $(table.rows);
  const isNew = records.length <= ANIMATED;
  rows.prepend(...records.slice(-MOST).map((record) => row(record, table.cells, isNew)).reverse());
  for (let extra = rows.childElementCount - MOST; extra > 0; extra--) rows.lastElementChild.remove();
  summarize(signal, total);
  $('#arrived-status').textContent = `${records.length === 1 ? table.words[0] : `${records.length.toLocaleString('en')} ${table.words[1]}`} arrived`;
}

export function clearArrived() {
  for (const [signal, { rows }] of Object.entries(TABLES)) {
    $(rows).replaceChildren();
    summarize(signal, 0);
  }
  $('#arrived-status').textContent = '';
}

function summarize(signal, total) {
  $(`#tab-${signal} .count`).textContent = total.toLocaleString('en');
  $(`#panel-${signal} .older`).hidden = total <= MOST;
  $(`#panel-${signal} .nothing`).hidden = total > 0;
}

/** @param {string} signal */
export function showTab(signal) {
  for (const name of Object.keys(TABLES)) {
    const tab = $(`#tab-${name}`);
    tab.setAttribute('aria-selected', String(name === signal));
    tab.tabIndex = name === signal ? 0 : -1;
    $(`#panel-${name}`).hidden = name !== signal;
  }
}

/** Tabs by pointer and by arrow keys. */
export function listenToTabs() {
  const names = Object.keys(TABLES);
  for (const [index, name] of names.entries()) {
    const tab = $(`#tab-${name}`);
    tab.addEventListener('click', () => showTab(name));
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: names.length - 1 }[key];
      if (!step) return;
      const next = names[(index + step) % names.length];
      showTab(next);
      $(`#tab-${next}`).focus();
    });
  }
}
