// OTLP requests of others, by sonde-edge.wasm: in Node, workerd, Deno, Bun and
// browsers. README.md is the manual.
import type { Counts, Limits } from '../../js/generated/otlp.js';

export type { Counts, Limits };

export type Signal = 'logs' | 'traces' | 'metrics';
export type Encoding = 'protobuf' | 'json';

export interface TranscoderOptions extends Omit<Limits, 'maxInput'> {
  /**
   * sonde-edge.wasm, compiled: an import in a worker, `WebAssembly.compile` elsewhere. It is
   * instantiated at once; each transcoder has an instance of its own, with four times `maxInput` and 128 KiB of memory.
   */
  module: WebAssembly.Module;
  /** Bytes of the largest request, 1 … 33,521,664. Default: 1 MiB. */
  maxInput?: number;
}

export interface TranscodeOptions {
  /** JSON tells it itself. What belongs to another signal than this one is among the `unknown` fields, which OTLP has receivers ignore. */
  signal?: Signal;
  /** Default: `json` for strings and if the first byte is a brace, otherwise `protobuf`. */
  from?: Encoding;
  /** Default: `protobuf`. */
  to?: Encoding;
}

/** What a request holds, without what limits left out. */
export interface Report extends Counts {
  /** null for an empty object of JSON, which is an empty request of any signal. */
  signal: Signal | null;
}

export interface Transcoder {
  /** Reads a request and writes it anew; throws an OtlpError. `body` is a copy. */
  transcode(request: string | Uint8Array | ArrayBuffer, how?: TranscodeOptions): Report & { body: Uint8Array<ArrayBuffer> };
  /** The same without writing; `size` is what it would take. */
  check(request: string | Uint8Array | ArrayBuffer, how?: TranscodeOptions): Report & { size: number };
}

/** What is wrong with a request. None of its content is in here, names of OTLP's fields excepted. */
export class OtlpError extends Error {
  constructor(code: string, what: string, offset: number, path: string);
  /** `BAD_INPUT`, `TOO_DEEP`: answer 400; `TOO_LARGE`: 413; `NO_SPACE`: it would be over three times `maxInput`. */
  readonly code: string;
  readonly what: string;
  /** In bytes. */
  readonly offset: number;
  /** `resourceLogs[0].scopeLogs[2].logRecords[17].attributes[3].value`; empty outside of any field. */
  readonly path: string;
}

export function createTranscoder(options: TranscoderOptions): Transcoder;
