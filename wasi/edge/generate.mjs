#!/usr/bin/env node
/**
 * Makes js/generated/signed.js and signed.d.ts from the lists in src/, so that
 * JavaScript repeats no name, number or text of them:
 *
 *   signed_options.def   options: id, range, meaning
 *   signed_reasons.def   why a submission is rejected
 *   sonde_status.def     what a result below 0 means
 *   sonde_signed.h       sizes, and the words for a render token
 *
 * and otlp.js and otlp.d.ts:
 *
 *   otlp_limits.def      limits: id, range, meaning
 *   sonde_otlp.h         the words of a report
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const source = (name) => readFileSync(path(`src/${name}`), 'utf8');

const HEADER = '// Made by wasi/edge/generate.mjs from the lists in src/.\n';
/** Of the sizes in sonde_signed.h, those that the host needs. */
const SIZES = ['NONCE_SIZE', 'MAX_TOKEN', 'MAX_BOUND_TEXT'];

/** The lines of a list; throws at one that is not as expected. */
function lines(file, macro, pattern) {
  const found = source(file).split('\n').filter((line) => line.startsWith(`${macro}(`));
  if (found.length === 0) throw new Error(`src/${file}: no ${macro}`);
  return found.map((line) => {
    const match = RegExp(`^${macro}\\(${pattern}\\)$`).exec(line);
    if (!match) throw new Error(`src/${file}: cannot read ${line}`);
    return match.slice(1);
  });
}

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const TEXT = '"((?:[^"\\\\]|\\\\.)*)"';
const NUMBER = '(-?\\d+)';
const text = (inside) => JSON.parse(`"${inside}"`);

/** In the order of their ids. */
function options() {
  const rows = lines('signed_options.def', 'SONDE_SIGNED_OPTION', `(\\w+), ${NUMBER}, ${NUMBER}, ${NUMBER}, ${TEXT}, ${TEXT}`);
  return rows.map(([name, value, least, most, unit, meaning]) => ({
    name: camel(name),
    boolean: unit === 'boolean',
    value: Number(value),
    least: Number(least),
    most: Number(most),
    unit,
    meaning: text(meaning),
  }));
}

function reasons() {
  const rows = lines('signed_reasons.def', 'SONDE_REASON', `(\\w+), ${NUMBER}, ${TEXT}, ${TEXT}`);
  return rows.map(([code, status, field, message]) => ({ code, status: Number(status), field, message: text(message) }));
}

const statuses = () => lines('sonde_status.def', 'SONDE_STATUS', `(\\w+), ${NUMBER}, ${TEXT}`);

/** The words for SONDE_RENDER_OK and so on. */
function renders(header) {
  const [, body] = /enum \{\s*(SONDE_RENDER_OK[^}]*)\}/.exec(header) ?? [];
  if (!body) throw new Error('src/sonde_signed.h: no SONDE_RENDER_OK');
  return [...body.matchAll(/\bSONDE_RENDER_(\w+)/g)].map(([, name]) => name.toLowerCase());
}

function size(header, name) {
  const [, value] = RegExp(`\\bSONDE_${name} = (\\d+),`).exec(header) ?? [];
  if (!value) throw new Error(`src/sonde_signed.h: no SONDE_${name}`);
  return `export const ${name} = ${value};\n`;
}

const table = (name, meaning, rows) => `\n/** ${meaning} */\nexport const ${name} = {\n${rows.map((row) => `  ${row},\n`).join('')}};\n`;

/** With names that an object could inherit left out: none of ours is one. */
function script(header) {
  return [
    HEADER,
    ...SIZES.map((name) => size(header, name)),
    `export const RENDERS = ${JSON.stringify(renders(header))};\n`,
    table('OPTIONS', 'Least and most, or false and true; their order is that of the ids.', options().map(({ name, boolean, least, most }) => `${name}: ${boolean ? '[false, true]' : `[${least}, ${most}]`}`)),
    table('DEFAULTS', 'What the verifier takes for an option that is not given.', options().map(({ name, value }) => `${name}: ${value}`)),
    table('STATUSES', 'What a result below 0 means, by its negative.', statuses().map(([name, number, meaning]) => `${-number}: ${JSON.stringify([name, text(meaning)])}`)),
    table('REASONS', 'HTTP status of a rejection, and the field that it is about.', reasons().map(({ code, status, field }) => `${code}: ${JSON.stringify([status, field])}`)),
    table('MESSAGES', 'What to tell the person who filled the form in.', reasons().map(({ code, message }) => `${code}: ${JSON.stringify(message)}`)),
  ].join('');
}

const UNITS = { s: 'Seconds', bytes: 'Bytes', fields: 'Fields', submissions: 'Submissions' };

function option({ name, boolean, value, least, most, unit, meaning }) {
  const range = boolean ? `Default: ${value === 1}.` : `${UNITS[unit] ?? unit}: ${least} … ${most}, default ${value}.`;
  const [first, ...rest] = meaning;
  return `  /** ${first.toUpperCase()}${rest.join('')}. ${range} */\n  ${name}?: ${boolean ? 'boolean' : 'number'};\n`;
}

/** Of what the host hands on; the rest of signed.js is nobody else's. */
function types(header) {
  const codes = reasons().map(({ code }) => `  | '${code}'\n`).join('');
  return `${HEADER}
/** Limits and other numbers of a verifier. */
export interface VerifierOptions {
${options().map(option).join('')}}

/** Why a submission was rejected. */
export type Reason =
${codes.trimEnd()};

/** What a render token is good for. */
export type Render = ${renders(header).map((name) => `'${name}'`).join(' | ')};

export const NONCE_SIZE: number;
export const MAX_TOKEN: number;
export const MAX_BOUND_TEXT: number;
export const RENDERS: readonly Render[];
export const OPTIONS: Record<keyof VerifierOptions, [number, number] | [boolean, boolean]>;
export const DEFAULTS: Record<keyof VerifierOptions, number>;
export const STATUSES: Record<number, [string, string]>;
export const REASONS: Record<Reason, [number, string]>;
export const MESSAGES: Record<Reason, string>;
`;
}

/* ---- OTLP requests ---------------------------------------------------- */

function limits() {
  const rows = lines('otlp_limits.def', 'SONDE_OTLP_LIMIT', `(\\w+), ${NUMBER}, ${NUMBER}, ${NUMBER}, ${TEXT}, ${TEXT}`);
  return rows.map(([name, value, least, most, unit, meaning]) => ({ name: camel(name), value, least, most, unit, meaning: text(meaning) }));
}

/** Members of the report, which in wasm are a word each; the last one is the path. */
function members() {
  const [, body] = /typedef struct \{\n([^}]*)\} sonde_otlp_report;/.exec(source('sonde_otlp.h')) ?? [];
  if (!body) throw new Error('src/sonde_otlp.h: no sonde_otlp_report');
  return [...body.replace(/\/\*[^]*?\*\//g, '').matchAll(/(\w+)(?:\[\w+\])?;/g)].map(([, name]) => camel(name));
}

function otlpScript() {
  const all = members();
  return [
    HEADER,
    `/** The words of a report: the signal, these, and others. */\nexport const COUNTS = ${JSON.stringify(all.slice(1, all.indexOf('offset')))};\n`,
    `export const OFFSET_WORD = ${all.indexOf('offset')};\n`,
    `export const WHAT_WORD = ${all.indexOf('what')};\n`,
    `export const PATH_WORD = ${all.indexOf('path')};\n`,
    table('LIMITS', 'Least and most; their order is that of the ids.', limits().map(({ name, least, most }) => `${name}: [${least}, ${most}]`)),
    table('DEFAULTS', 'What holds for a limit that is not given.', limits().map(({ name, value }) => `${name}: ${value}`)),
  ].join('');
}

function otlpTypes() {
  const all = members();
  const limit = ({ name, value, least, most, unit, meaning }) => `  /** ${meaning[0].toUpperCase()}${meaning.slice(1)}. ${unit[0].toUpperCase()}${unit.slice(1)}: ${least} … ${most}, default ${value}. */\n  ${name}?: number;\n`;
  return `${HEADER}
/** What a request may have. */
export interface Limits {
${limits().map(limit).join('')}}

/** What a request has. */
export interface Counts {
${all.slice(1, all.indexOf('offset')).map((name) => `  ${name}: number;\n`).join('')}}

export const COUNTS: readonly (keyof Counts)[];
export const OFFSET_WORD: number;
export const WHAT_WORD: number;
export const PATH_WORD: number;
export const LIMITS: Record<keyof Limits, [number, number]>;
export const DEFAULTS: Record<keyof Limits, number>;
`;
}

const header = source('sonde_signed.h');
mkdirSync(path('js/generated'), { recursive: true });
writeFileSync(path('js/generated/signed.js'), script(header));
writeFileSync(path('js/generated/signed.d.ts'), types(header));
writeFileSync(path('js/generated/otlp.js'), otlpScript());
writeFileSync(path('js/generated/otlp.d.ts'), otlpTypes());
