// Signed identity and support submissions by sonde-edge.wasm: in Node, workerd,
// Deno, Bun and browsers. README.md is the manual.
import type { Reason, Render, VerifierOptions } from '../../js/generated/signed.js';

export type { Reason, Render, VerifierOptions };

export interface CreateOptions extends VerifierOptions {
  /**
   * sonde-edge.wasm, compiled: an import in a worker, `WebAssembly.compile` elsewhere. It is
   * instantiated at once, as workers want it; each verifier has an instance of its own.
   */
  module: WebAssembly.Module;
  /** Newest first: tokens are made with the first and verified with each. At most 8, of 16 … 1,024 bytes. Without any, submissions pass as `unverified` and identity tokens cannot be opened or made. */
  secrets?: readonly string[];
  /** Origins that may send submissions: `https://app.example`, as browsers write them. Without any, each but `null` may. At most 32. */
  allowOrigins?: readonly string[];
  /** Where `_next` may lead: an origin, or a path of the endpoint's own site (`/thanks` and what is below it). At most 32. */
  allowNext?: readonly string[];
  /** Fills 12 bytes with fresh random ones. Default: `crypto.getRandomValues`. For tests. */
  random?: (view: Uint8Array) => unknown;
}

/** A POST of a support form. */
export interface Submission {
  /** Bytes as they came are best: a string cannot hold ill-formed UTF-8. */
  body: string | Uint8Array | ArrayBuffer;
  /** The header Content-Type. */
  contentType?: string | null;
  /** The header Origin; none if null or not given. */
  origin?: string | null;
  /** The endpoint id of the address; any if null or not given. */
  endpoint?: string | null;
  /** Milliseconds since 1970. Default: `Date.now()`. */
  now?: number;
}

/** What became of a submission. Only an accepted one has fields. */
export interface Verdict {
  /** `discard`: a bot. Answer as if accepted, and keep nothing. */
  verdict: 'accept' | 'discard' | 'reject';
  reason: Reason | null;
  render: Render;
  /** Whole seconds since the page was rendered, where the render token says so. */
  age_seconds: number | null;
  user_id: string | null;
  identity: 'ok' | 'absent' | 'invalid' | 'unconfigured';
  name: string | null;
  email: string | null;
  message: string | null;
  form_slug: string | null;
  /** Where `_next` leads, if that is allowed. */
  next: string | null;
  /** All other fields. It has no prototype: a key such as `__proto__` is data. */
  extras: Record<string, string>;
}

export interface RenderCheck {
  render: Render;
  /** Null unless `ok`, `too_fresh` or `stale`. */
  ageSeconds: number | null;
}

/**
 * Belongs to one thread. Methods throw a TypeError or RangeError for what is the caller's mistake,
 * never for what came over the network; no message holds a secret, a token or an id.
 */
export interface Verifier {
  verify(submission: Submission): Verdict;
  /** The verdict as the module wrote it: JSON on one line, the same bytes in every host. */
  verifyLine(submission: Submission): string;
  /**
   * The verdicts in order, many a crossing: up to 256 submissions are read ahead. When one is no submission,
   * those before it get their verdicts, then it throws.
   */
  verifyMany(submissions: Iterable<Submission>): Generator<Verdict, void, undefined>;

  /** Seals a user id (1 … 4,096 bytes) with the first secret. A secret may seal 2^32. */
  mintIdentity(id: string | number | bigint): string;
  /** The user id; null for a token that does not open, whatever the reason (`lastStatus` knows). */
  openIdentity(token: string): string | null;

  /** The hidden input of a page rendered now; "" without a secret. */
  signRenderToken(now?: number): string;
  checkRenderToken(token: string, now?: number): RenderCheck;

  /** A beacon nonce that is good until `expiry`, in whole Unix seconds. */
  sealNonce(bound: { session: string; path: string; expiry: number }): string;
  /** Whole seconds that it is still good for; null if it is not. That it is used once is for your store to see to. */
  openNonce(nonce: string, bound: { session: string; path: string; now?: number }): number | null;

  /** Why the last null was one, for logs and tests: `MALFORMED`, `FORGED`, `EXPIRED`. Not for the network. */
  lastStatus(): string | null;

  /** Overwrites keys and texts in the module's memory with zeros. The verifier is of no use afterwards. */
  wipe(): void;
}

/** Throws a TypeError or RangeError that names the option, its range and what it got. */
export function createVerifier(options: CreateOptions): Verifier;

/** How to answer a rejection: HTTP status, the field that it is about (or ""), a message for people. Null for what is none. */
export function explain(reason: string | null): { status: number; field: string; message: string } | null;
