// The log of requests, as the receiver saw them.
import { clock, settleLater } from './arrived.js';

const MOST = 100;
const RETRIED = [429, 502, 503, 504];
const $ = (selector) => document.querySelector(selector);

function cell(className, text) {
  const element = document.createElement('td');
  element.className = className;
  element.append(text);
  return element;
}

function kind({ status, over }) {
  if (status === 200) return 'ok';
  if (!over) return 'pending';
  return status === 0 || RETRIED.includes(status) ? 'retry' : 'failed';
}

function status(exchange) {
  const element = document.createElement('span');
  element.className = 'status';
  element.dataset.kind = kind(exchange);
  element.append(exchange.status || (exchange.over ? 'none' : 'open'));
  return element;
}

/**
 * An exchange comes again when it is over; its row is then replaced.
 *
 * @param {object} exchange
 */
export function showExchange(exchange) {
  const rows = $('#exchanges');
  const row = document.createElement('tr');
  row.dataset.id = exchange.id;
  row.className = 'new';
  settleLater(row);
  row.append(
    cell('', clock(exchange.time)), cell('', status(exchange)),
    cell('mono', exchange.signal), cell('number', exchange.count.toLocaleString('en')), cell('number', exchange.bytes.toLocaleString('en')),
    cell('mono', exchange.encoding), cell('', exchange.note),
  );
  const before = rows.querySelector(`[data-id="${exchange.id}"]`);
  if (before) before.replaceWith(row);
  else rows.prepend(row);
  if (rows.childElementCount > MOST) rows.lastElementChild.remove();
  $('#no-exchanges').hidden = true;
}

export function clearExchanges() {
  $('#exchanges').replaceChildren();
  $('#no-exchanges').hidden = false;
}
