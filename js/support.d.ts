// Progressive enhancement of support forms; support.md is the manual. On import, all
// `<form method="post" data-sonde-support>` of the page are enhanced.
import type { Reason } from './generated/signed.js';

/** What people are told: the reasons of a rejection, and what is said besides. */
export type Message = Reason | 'sending' | 'thanks' | 'not_sent' | 'renewed' | 'failed' | 'offline' | 'unreachable' | 'unknown';

export interface SupportOptions {
  /** In place of the usual texts, also of those that the server sends. `data-message-render-stale="…"` on the form does the same. */
  messages?: Partial<Record<Message, string>>;
}

export interface SupportForm {
  /** Shows the form again, empty, after a thank-you. */
  reset(): void;
}

/** Enhances a form; a second call only adds messages. Throws a TypeError for what is no form with `method="post"`. */
export function enhance(form: HTMLFormElement, options?: SupportOptions): SupportForm;

/** Of the event `sonde-support`, which the form sends when a submission is settled. */
export interface SupportEventDetail {
  state: 'sent' | 'refused' | 'unknown' | 'offline' | 'unreachable';
  /** When `sent`: its id, where the server says it. */
  conversation?: string;
  /** When `refused`: why. */
  error?: Reason | string;
}
