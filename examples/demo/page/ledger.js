// The exporter's own account, read from stats() a few times a second.
const EVERY = 250;
const PARTS = ['delivered', 'inFlight', 'queued', 'dropped'];
const STATES = {
  open: 'exporting',
  waiting: 'trying again',
  pending: 'module is loading',
  noop: 'not exporting',
  breaker: 'breaker open',
  disabled: 'export disabled',
  closed: 'closed',
};

const $ = (selector) => document.querySelector(selector);
const format = (number) => number.toLocaleString('en');
const sum = (object) => Object.values(object).reduce((total, number) => total + number, 0);

/** Reasons with the severities that they hit. */
function reasons(dropped) {
  return Object.entries(dropped)
    .map(([reason, bySeverity]) => ({ reason: reason.replaceAll('_', ' '), bySeverity, count: sum(bySeverity) }))
    .filter(({ count }) => count > 0);
}

function bold(text) {
  const element = document.createElement('b');
  element.textContent = text;
  return element;
}

/** A partial success does not say which records were rejected. */
function severities(bySeverity) {
  const known = Object.entries(bySeverity).filter(([severity, number]) => number > 0 && severity !== 'unknown');
  const words = known.map(([severity, number]) => `${severity.toUpperCase()} ${format(number)}`);
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}

function drops(list) {
  if (list.length === 0) return ['Nothing dropped.'];
  return list.flatMap(({ reason, bySeverity, count }, index) =>
    [index > 0 ? ' · ' : 'Dropped, ', `${reason}: `, bold(format(count)), severities(bySeverity)]);
}

function draw(stats) {
  const list = reasons(stats.dropped);
  const figures = { ...stats, dropped: stats.droppedTotal };
  for (const name of ['accepted', ...PARTS]) $(`#${name}`).textContent = format(figures[name]);
  for (const name of PARTS) $(`#bar [data-part="${name}"]`).style.flexGrow = figures[name];
  $('#bar').setAttribute('aria-label', PARTS.map((name) => `${name} ${figures[name]}`).join(', '));
  $('#drops').replaceChildren(...drops(list));
  $('#others').textContent = [['spans', stats.traces], ['data points', stats.metrics]]
    .filter(([, { accepted }]) => accepted > 0)
    .map(([name, { accepted, delivered, droppedTotal }]) => `${format(delivered)} of ${format(accepted)} ${name} delivered${droppedTotal > 0 ? `, ${format(droppedTotal)} dropped` : ''}`)
    .join(' · ');
}

/** Trouble is over when something was delivered after it. */
function settle(troubles, { delivered, state }) {
  if (state === 'open' && delivered > troubles.delivered) troubles.last = '';
}

function drawState({ state, inFlight }, trouble) {
  const pill = $('#state');
  const shown = state === 'open' && trouble !== '' && inFlight > 0 ? 'waiting' : state;
  if (pill.dataset.state !== shown) {
    pill.dataset.state = shown;
    pill.textContent = STATES[shown] ?? shown;
  }
  const line = $('#trouble');
  line.hidden = trouble === '';
  if (line.textContent !== trouble) line.textContent = trouble;
}

/** @param {{sonde: any, troubles: {last: string, delivered: number}}} exporter */
export function showLedger({ sonde, troubles }) {
  const stats = sonde.stats();
  draw(stats);
  settle(troubles, stats);
  drawState(stats, troubles.last);
  setTimeout(showLedger, EVERY, { sonde, troubles });
}
