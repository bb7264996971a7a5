// The table of what arrived. All text comes from log calls, so it is only ever
// set as text.
const MOST = 500;
const LONG = 90;
/** More at once are not animated: it costs too much and shows nothing. */
const ANIMATED = 20;
const NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const $ = (selector) => document.querySelector(selector);
let total = 0;

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

function row(record, isNew) {
  const body = make('div', 'body', record.body === null ? '' : written(record.body));
  if (record.eventName) body.prepend(make('b', '', record.eventName, ' '));
  const attributes = make('div', 'attributes', ...record.attributes.map(attribute));
  const element = make('tr', isNew ? 'new' : '',
    cell('', clock(record.time)), cell('', badge(record)), scope(record.scope), cell('', body, attributes));
  element.setAttribute('role', 'row');
  return settleLater(element);
}

/**
 * Newest on top. A request's records are in the order of the log calls.
 *
 * @param {{records: object[], total: number}} news `total` since the last clearing
 */
export function showArrived({ records, total: now }) {
  total = now;
  const rows = $('#rows');
  const isNew = records.length <= ANIMATED;
  rows.prepend(...records.slice(-MOST).map((record) => row(record, isNew)).reverse());
  for (let extra = rows.childElementCount - MOST; extra > 0; extra--) rows.lastElementChild.remove();
  summarize(records.length === 1 ? 'one record arrived' : `${records.length.toLocaleString('en')} records arrived`);
}

export function clearArrived() {
  total = 0;
  $('#rows').replaceChildren();
  summarize('');
}

function summarize(text) {
  $('#arrived-count').textContent = total.toLocaleString('en');
  $('#arrived-status').textContent = text;
  $('#older').hidden = total <= MOST;
  $('#empty').hidden = total > 0;
}
