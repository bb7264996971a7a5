// Compiled, never run: what hosts may write, and what they may not.
import { createVerifier, explain } from './signed.js';
import { createVerifier as written } from './signed.js';
import { createExposition } from './prometheus.js';
import { OtlpError, createTranscoder } from './otlp.js';
import type { CreateOptions, Reason, Verdict, Verifier } from './signed.js';

declare const module: WebAssembly.Module;
declare const body: Uint8Array;

const verifier: Verifier = createVerifier({ module, secrets: ['a'], allowOrigins: [], allowNext: [], maxBody: 4096, allowWeakSecret: true });
createVerifier({ module, random: (view) => crypto.getRandomValues(view as Uint8Array<ArrayBuffer>) });
// @ts-expect-error a module is needed
createVerifier({ secrets: [] });
// @ts-expect-error misspelt
createVerifier({ module, maxBodi: 1 });
// @ts-expect-error a list
createVerifier({ module, secrets: 'a' });

const verdict: Verdict = verifier.verify({ body, contentType: 'application/json', origin: null, endpoint: null, now: 0 });
export const user: string | null = verdict.user_id;
export const known: Reason | null = verdict.reason;
// @ts-expect-error no such verdict
verdict.verdict === 'maybe';
for (const { extras } of verifier.verifyMany([{ body: '{}' }])) extras.anything?.trim();
// @ts-expect-error null is for tokens that do not open
export const id: string = verifier.openIdentity(verifier.mintIdentity(42n));
export const status: number | undefined = explain(verdict.reason)?.status;
export const options: CreateOptions = { module };
export const same: typeof createVerifier = written;

export const type: string = createExposition({ module, strategy: 'NoTranslation' }).metricsText(body, { accept: null }).contentType;
// @ts-expect-error no such strategy
createExposition({ module, strategy: 'None' });
const transcoder = createTranscoder({ module, maxInput: 1, maxRecords: 2, maxValue: 0 });
// @ts-expect-error misspelt
createTranscoder({ module, maxRecord: 1 });
export const bytes: Uint8Array = transcoder.transcode(body, { signal: 'logs', from: 'json', to: 'protobuf' }).body;
export const counted: number = transcoder.check('{}').records;
// @ts-expect-error no such signal
transcoder.check('{}', { signal: 'log' });
// @ts-expect-error only the check tells a size alone
transcoder.transcode('{}').size;
export const where = (error: unknown): string => (error instanceof OtlpError ? error.path : '');
