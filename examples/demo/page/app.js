// Wires the page: buttons to log calls, the receiver's news to the tables.
import { ACTIONS, say } from './actions.js';
import { clearArrived, listenToTabs, showArrived, showTab } from './arrived.js';
import { start } from './exporter.js';
import { showLedger } from './ledger.js';
import { follow, tell } from './live.js';
import { clearExchanges, showExchange } from './requests.js';

const $ = (selector) => document.querySelector(selector);
const form = (id) => document.forms.namedItem(id);

const exporter = start({ json: new URLSearchParams(location.search).get('encoding') === 'json' });
// For the console: sonde.logger('console').info('from the console')
globalThis.sonde = exporter.sonde;

/** What was done, in words, for eyes and screen readers. */
const report = (text) => { $('#said').textContent = text; };

function listen() {
  form('say').addEventListener('submit', (event) => {
    event.preventDefault();
    const { message, severity } = event.target.elements;
    say(exporter.sonde, severity.value, message.value);
    report(`Logged at ${severity.value.toUpperCase()}.`);
    message.select();
  });
  for (const button of document.querySelectorAll('.buttons [data-severity]')) {
    const { severity } = button.dataset;
    button.addEventListener('click', () => {
      report(ACTIONS.one(exporter.sonde, severity));
      showTab('logs');
    });
  }
  for (const button of document.querySelectorAll('[data-do]')) {
    button.addEventListener('click', () => {
      report(ACTIONS[button.dataset.do](exporter.sonde));
      showTab(button.dataset.tab ?? 'logs');
    });
  }
  listenToTabs();
  $('#enable').addEventListener('click', () => report(exporter.enable()));
  $('#clear').addEventListener('click', () => tell('clear', {}));
  form('exporter').addEventListener('change', ({ target }) => exporter.encode(target.value));
  form('control').addEventListener('change', () => tell('control', settings()));
}

function settings() {
  const { mode, retryAfter, limit } = form('control').elements;
  return { mode: mode.value, retryAfter: retryAfter.valueAsNumber, limit: limit.valueAsNumber };
}

/** The receiver outlives the page, and other pages may have set it. */
function showSettings({ mode, retryAfter, limit }) {
  const { elements } = form('control');
  elements.mode.value = mode;
  elements.retryAfter.value = retryAfter;
  elements.limit.value = limit;
}

listen();
form('exporter').elements.encoding.value = exporter.encoding;
showLedger(exporter);
follow({
  settings: showSettings,
  clear() {
    clearArrived();
    clearExchanges();
  },
  records: showArrived,
  exchange: showExchange,
});
