/**
 * Progressive enhancement of a support form: `<form method="post" data-sonde-support>`
 * works as it is; with this script it is sent by fetch, and the person stays on
 * the page and keeps what was typed. js/support.md is the manual.
 *
 * When is a normal form post a safe way out? When it is certain that nothing was
 * stored: the fetch was stopped by the page's Content-Security-Policy, or the
 * server answered that it does not take JSON. A fetch that failed in any other
 * way may have been sent (the request arrived and the answer was lost, or could
 * not be read by this page), and to post again by ourselves could store the
 * message twice. So the person is told that it is not known, and decides: the
 * next press sends it as a normal form post, which also works where fetch does
 * not, if the server can be reached at all; else the page stays as it is.
 */
import { MESSAGES } from './generated/signed.js';

const ATTRIBUTE = 'data-sonde-support';
const HONEYPOT = 'plain_connect_check';
/** Hidden inputs, and where their values come from if the page has no such input. */
const HIDDEN = { plain_connect_render_token: 'data-render-token', plain_connect_identity: 'data-identity' };
const TIMEOUT = 30_000;
/** Until the button works again after a normal form post that led nowhere. */
const PATIENCE = 5_000;
/** A violation of the policy is told in a task of its own, after fetch failed. */
const VIOLATION_DELAY = 50;

/** Refusals that a page rendered anew would not get. A spent token stays spent: it is there to refuse second copies. */
const OUTDATED = /^render_(stale|invalid|future)$/;

/** What is not in the list of reasons. */
const TEXTS = {
  sending: 'Sending…',
  thanks: 'Thank you. Your message has arrived.',
  not_sent: 'Your message was not sent.',
  renewed: 'This page was out of date and has been renewed. What you wrote is still here: please send it again.',
  failed: 'Something went wrong on our side. Please try again later.',
  offline: 'You are offline. What you wrote is still here: send it when you are back.',
  unreachable: 'The server cannot be reached. What you wrote is still here: please try again later.',
  unknown: 'We cannot tell whether your message arrived. What you wrote is still here: you can send it again.',
};

/** By code, which comes from the network: nothing is inherited. @type {Record<string, string>} */
const USUAL = Object.assign(Object.create(null), MESSAGES, TEXTS);

/**
 * @typedef {{sent: true, conversation?: string}
 *   | {error: string, field?: string, message?: string}
 *   | {plainly: true}
 *   | {unknown: true, unread?: boolean}} Outcome
 */

/** @param {string} tag @param {Record<string, string>} attributes */
function element(tag, attributes) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Its first control of this name. @param {HTMLFormElement} form @param {string} name @returns {any} */
function control(form, name) {
  return [...elements(form)].find((it) => /** @type {any} */ (it).name === name);
}

/** A field could be called `elements`. @param {HTMLFormElement} form @returns {HTMLFormControlsCollection} */
const elements = (form) => /** @type {any} */ (Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, 'elements')).get.call(form);

/** @param {HTMLFormElement} form */
function addHidden(form) {
  for (const [name, attribute] of Object.entries(HIDDEN)) {
    const value = form.getAttribute(attribute);
    if (value !== null && !control(form, name)) form.append(element('input', { type: 'hidden', name, value }));
  }
}

/** An input that people neither see, reach nor hear of. @param {HTMLFormElement} form */
function addHoneypot(form) {
  if (control(form, HONEYPOT)) return;
  const box = element('div', { 'aria-hidden': 'true' });
  box.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)';
  box.append(element('input', { type: 'text', name: HONEYPOT, tabindex: '-1', autocomplete: 'off' }));
  form.append(box);
}

/** A field called `action` would hide the form's. @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
const target = (form, submitter) => new URL(submitter?.getAttribute('formaction') || form.getAttribute('action') || document.URL, document.baseURI).href;

/**
 * The fields, or what is in the way of sending them as JSON.
 *
 * @param {HTMLFormElement} form
 * @param {any} submitter
 * @returns {{fields?: Record<string, string>, obstacle?: string}}
 */
function read(form, submitter) {
  /** @type {Map<string, string>} */
  const fields = new Map();
  const entries = [...new FormData(form)];
  if (submitter?.name) entries.push([submitter.name, submitter.value]);
  for (const [name, value] of entries) {
    if (typeof value !== 'string') return { obstacle: `${name} is a file input` };
    if (fields.has(name)) return { obstacle: `${name} has several values` };
    fields.set(name, value);
  }
  return { fields: Object.fromEntries(fields) };
}

/** @param {Response} response @returns {Promise<Outcome>} */
async function outcomeOf(response) {
  /** @type {any} */
  const answer = await response.json().catch(() => null);
  if (response.ok && answer?.ok === true) return { sent: true, conversation: answer.conversation };
  if (response.status === 415) return { plainly: true };
  if (answer?.ok === false) return { error: String(answer.error), field: answer.field, message: answer.message };
  return response.status >= 400 && response.status < 500 ? { error: 'failed' } : { unknown: true };
}

/**
 * Runs `work`; when it fails, tells whether the policy of the page stopped it.
 *
 * @param {string} url
 * @param {() => Promise<Outcome>} work
 * @returns {Promise<Outcome>}
 */
async function underPolicy(url, work) {
  let stopped = false;
  const listen = (/** @type {SecurityPolicyViolationEvent} */ { disposition, effectiveDirective, blockedURI }) => {
    stopped ||= disposition === 'enforce' && effectiveDirective === 'connect-src' && url.startsWith(blockedURI);
  };
  document.addEventListener('securitypolicyviolation', listen);
  try {
    return await work();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, VIOLATION_DELAY));
    return stopped ? { plainly: true } : { unknown: true, unread: true };
  } finally {
    document.removeEventListener('securitypolicyviolation', listen);
  }
}

/**
 * fetch with a limit on the time until the answer is read, too.
 *
 * @template T
 * @param {string} url
 * @param {RequestInit} init
 * @param {(response: Response) => T | Promise<T>} use
 * @returns {Promise<T>}
 */
async function request(url, init, use) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT);
  try {
    return await use(await fetch(url, { credentials: 'omit', signal: controller.signal, ...init }));
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} url @param {Record<string, string>} fields @returns {Promise<Outcome>} */
const post = (url, fields) => underPolicy(url, () => request(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(fields),
  redirect: 'error',
  referrerPolicy: 'strict-origin-when-cross-origin',
}, outcomeOf));

/** Whether anything answers there: asked without a trace. @param {string} url */
const reachable = (url) => request(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store' }, () => true).catch(() => false);

/** The value of a hidden input, or what would be put there. @param {HTMLFormElement | undefined} form @param {keyof typeof HIDDEN} name */
const hiddenOf = (form, name) => (form && (control(form, name)?.value ?? form.getAttribute(HIDDEN[name]))) || '';

/**
 * Has the page rendered again and takes the hidden inputs from it, so that
 * nobody has to reload it and to write everything again.
 *
 * @param {HTMLFormElement} form
 * @returns {Promise<boolean>} whether there is a new render token
 */
async function renew(form) {
  const page = await request(location.href, { credentials: 'same-origin', cache: 'no-store' }, (response) => response.text()).catch(() => '');
  const place = [...document.querySelectorAll('form')].indexOf(form);
  const fresh = new DOMParser().parseFromString(page, 'text/html').querySelectorAll('form')[place];
  const [token] = Object.keys(HIDDEN);
  const value = hiddenOf(fresh, /** @type {keyof typeof HIDDEN} */ (token));
  if (!value || value === control(form, token)?.value) return false;
  for (const name of /** @type {(keyof typeof HIDDEN)[]} */ (Object.keys(HIDDEN))) {
    const input = control(form, name);
    if (input) input.value = hiddenOf(fresh, name);
  }
  return true;
}

/** Takes the mark of an error from a field. @param {any} field */
function unmark(field) {
  const mark = field.sondeError;
  if (!mark) return;
  field.sondeError = undefined;
  field.removeAttribute('aria-invalid');
  const rest = field.getAttribute('aria-describedby')?.replace(mark.id, '').trim();
  if (rest) field.setAttribute('aria-describedby', rest);
  else field.removeAttribute('aria-describedby');
  mark.remove();
}

let count = 0;

/** @param {any} field @param {string} text */
function mark(field, text) {
  unmark(field);
  const id = `sonde-error-${++count}`;
  const note = element('p', { id, class: 'sonde-support-error' });
  note.textContent = text;
  (field.closest('label') ?? field).after(note);
  field.sondeError = note;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', [field.getAttribute('aria-describedby'), id].filter(Boolean).join(' '));
  field.addEventListener('input', () => unmark(field), { once: true });
}

/** @type {WeakMap<HTMLFormElement, ReturnType<typeof make>>} */
const enhanced = new WeakMap();

/** @param {HTMLFormElement} form */
function make(form) {
  /** @type {Record<string, string | undefined>} */
  const messages = Object.create(null);
  let sending = false;
  let plainNext = false;
  let passing = false;

  // Live regions are heard of when their text changes, so they are there before.
  const alert = /** @type {HTMLElement} */ (form.querySelector('[role=alert]') ?? element('div', { role: 'alert', class: 'sonde-support-alert' }));
  const status = /** @type {HTMLElement} */ (form.parentElement?.querySelector(':scope > [role=status]') ?? element('div', { role: 'status', class: 'sonde-support-status' }));
  alert.tabIndex = status.tabIndex = -1;
  if (!alert.isConnected) form.prepend(alert);
  if (!status.isConnected) form.after(status);
  addHidden(form);
  addHoneypot(form);

  /** @param {string} code @param {string} [given] by the server */
  function message(code, given) {
    const own = messages[code] ?? form.getAttribute(`data-message-${code.replace(/_/g, '-')}`);
    return own ?? (given || USUAL[code] || USUAL.failed);
  }

  /** @param {boolean} on */
  function busy(on) {
    sending = on;
    if (!status.isConnected) form.after(status);
    form.setAttribute('aria-busy', `${on}`);
    status.textContent = on ? message('sending') : '';
    for (const it of elements(form)) {
      const button = /** @type {HTMLButtonElement} */ (it);
      if (button.type === 'submit') button.disabled = on;
    }
  }

  function clear() {
    alert.textContent = '';
    for (const field of elements(form)) unmark(field);
  }

  /** @param {string} text @param {HTMLElement} [focus] */
  function warn(text, focus = alert) {
    alert.textContent = text;
    focus.focus();
  }

  /** @param {string} code @param {string | undefined} name @param {string | undefined} given */
  function refuse(code, name, given) {
    const text = message(code, typeof given === 'string' ? given : undefined);
    const field = name ? control(form, name) : undefined;
    const seen = field && field.type !== 'hidden';
    if (seen) mark(field, text);
    warn(`${message('not_sent')} ${text}`, seen ? field : alert);
  }

  /** @param {HTMLElement | null} submitter */
  function sendPlainly(submitter) {
    const { requestSubmit, submit } = HTMLFormElement.prototype;
    busy(false);
    passing = true;
    if (requestSubmit) requestSubmit.call(form, submitter);
    else submit.call(form);
    passing = false;
  }

  /** @param {string} state @param {object} [more] */
  function tell(state, more) {
    form.dispatchEvent(new CustomEvent('sonde-support', { bubbles: true, detail: { state, ...more } }));
  }

  /** @param {Outcome} outcome @param {HTMLElement | null} submitter */
  async function settle(outcome, submitter) {
    if ('plainly' in outcome) return sendPlainly(submitter);
    const renewed = 'error' in outcome && OUTDATED.test(outcome.error) && await renew(form);
    busy(false);
    if ('sent' in outcome) {
      form.hidden = true;
      status.textContent = message('thanks');
      status.focus();
      return tell('sent', { conversation: outcome.conversation });
    }
    if ('error' in outcome) {
      if (renewed) refuse('renewed', undefined, undefined);
      else refuse(outcome.error, outcome.field, outcome.message);
      return tell('refused', { error: outcome.error });
    }
    plainNext = outcome.unread === true;
    const code = outcome.unread && navigator.onLine === false ? 'offline' : 'unknown';
    warn(message(code));
    return tell(code);
  }

  /** @param {string} url @param {HTMLElement | null} submitter */
  async function sendAgain(url, submitter) {
    const there = await reachable(url);
    if (there) return sendPlainly(submitter);
    busy(false);
    warn(message('unreachable'));
    return tell('unreachable');
  }

  /** The browser does it; a second press meanwhile is none. */
  function leaveIt() {
    sending = true;
    setTimeout(() => { sending = false; }, PATIENCE);
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    const submitter = /** @type {any} */ (event.submitter ?? null);
    // The page or the person stopped it, or it does not send.
    if (event.defaultPrevented || /get|dialog/.test(submitter?.formMethod)) return;
    if (sending && !passing) return event.preventDefault();
    if (passing) return leaveIt();
    const { fields, obstacle } = read(form, submitter);
    if (!fields) {
      console.warn(`sonde support: ${obstacle}: posted normally, but endpoints take text`);
      return leaveIt();
    }
    const url = target(form, submitter);
    event.preventDefault();
    clear();
    busy(true);
    if (plainNext) return void sendAgain(url, submitter);
    return void post(url, fields).then((outcome) => settle(outcome, submitter));
  }

  form.addEventListener('submit', onSubmit);
  // Back from the page of a normal form post, by the browser's cache of pages.
  addEventListener('pageshow', ({ persisted }) => { if (persisted && sending) busy(false); });

  return {
    messages,
    /** Shows the form again, empty. */
    reset() {
      HTMLFormElement.prototype.reset.call(form);
      clear();
      busy(false);
      plainNext = false;
      form.hidden = false;
    },
  };
}

/**
 * see support.d.ts
 *
 * @param {HTMLFormElement} form
 * @param {{messages?: Record<string, string>}} [options]
 */
export function enhance(form, { messages } = {}) {
  if (!(form instanceof HTMLFormElement)) throw new TypeError('sonde support: enhance takes a form element');
  if (form.getAttribute('method')?.toLowerCase() !== 'post') throw new TypeError('sonde support: the form needs method="post", or it would not work without scripts');
  const handle = enhanced.get(form) ?? make(form);
  enhanced.set(form, handle);
  Object.assign(handle.messages, messages);
  return { reset: handle.reset };
}

function enhanceAll() {
  for (const form of document.querySelectorAll(`form[${ATTRIBUTE}]`)) {
    try {
      enhance(/** @type {HTMLFormElement} */ (form));
    } catch (error) {
      console.warn(error);
    }
  }
}

if (typeof document !== 'undefined') {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', enhanceAll);
  else enhanceAll();
}
