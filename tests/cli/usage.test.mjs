// What is typed wrong, help, the reference, settings, and output that cannot
// be written.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { expect, HOSTS, MODULE, NATIVE, run, runOn, WASMTIME } from './lib/hosts.mjs';
import { NOW, SECRET, submission } from './lib/submissions.mjs';

const KEY = { SONDE_SECRET_KEY: SECRET };
const line = `${JSON.stringify(submission(1))}\n`;
const README = new URL('../../wasi/cli/README.md', import.meta.url);
const COMMANDS = ['token mint', 'token open', 'render sign', 'render check', 'verify', 'otlp check', 'otlp count', 'otlp print', 'otlp transcode', 'prometheus', 'check-config', 'help', 'version'];

/* ---- Usage ---------------------------------------------------------------- */

const meant = (typed, name) => `there is no command '${typed}': did you mean '${name}'? \`sonde help\` lists them`;
const USAGE = [
  [[], 'which command? `sonde help` lists them'],
  [['verfy'], meant('verfy', 'verify')],
  [['mint', '5'], meant('mint', 'token mint')],
  [['token', 'opne'], meant('token opne', 'token open')],
  [['tokne', 'mint'], meant('tokne', 'token')],
  [['config'], /`sonde help` lists them/],
  [['--versoin'], meant('--versoin', 'version')],
  [['version', 'x'], 'version takes no argument: see `sonde help version`'],
  [['otpl', 'check'], meant('otpl', 'otlp')],
  [['otlp', 'prnt'], meant('otlp prnt', 'otlp print')],
  [['otlp'], 'otlp wants a second word: see `sonde help otlp`'],
  [['otlp', 'check', '--signal', 'log'], '--signal wants logs, traces or metrics'],
  [['otlp', 'print', '--from=xml'], '--from wants protobuf or json'],
  [['otlp', 'transcode', '--to', 'text'], '--to wants protobuf or json'],
  [['otlp', 'check', 'file.json'], 'otlp check takes no argument, but standard input: sonde otlp check <FILE'],
  ...['', '-1', '1.5', '0', '1073741825'].map((value) => [['otlp', 'count', `--max-input=${value}`], '--max-input wants a whole number from 1 to 1073741824']),
  [['check'], meant('check', 'render check')],
  [['xyzzy'], "there is no command 'xyzzy': `sonde help` lists them"],
  [[''], "there is no command '': `sonde help` lists them"],
  [['a\u001b[31m\n'], "there is no command 'a?[31m?': `sonde help` lists them"],
  [['x'.repeat(5000)], /^sonde: there is no command 'x{900,1000}\n$/],
  [['token'], 'token wants a second word: see `sonde help token`'],
  [['help', 'verfy'], meant('verfy', 'verify')],
  [['help', 'token', 'mnt'], meant('token mnt', 'token mint')],
  [['help', 'verify', 'x'], 'help takes one command: see `sonde help verify`'],
  [['help', 'version', 'extra'], 'help takes one command: see `sonde help version`'],
  [['verify', '--orgin', 'x'], 'verify has no option --orgin: did you mean --origin? See `sonde help verify`'],
  [['verify', '--content=x'], 'verify has no option --content: did you mean --content-type? See `sonde help verify`'],
  [['verify', '--min_age=1'], 'verify has no option --min_age: did you mean --min-age? See `sonde help verify`'],
  [['token', 'open', '--ndjson'], 'token open has no option --ndjson: see `sonde help token open`'],
  [['verify', '-x'], 'options begin with two dashes; before arguments that begin with one, write --'],
  [['verify', 'x'], 'verify takes no argument, but standard input: sonde verify <FILE'],
  [['render', 'check'], 'render check wants TOKEN: see `sonde help render check`'],
  [['render', 'check', 'a', 'b'], 'render check takes fewer arguments: see `sonde help render check`'],
  [['verify', '--envelope'], '--envelope goes with --ndjson'],
  [['verify', '--max-uses', '1'], '--max-uses goes with --ndjson: a run with one submission knows of no others'],
  [['verify', '--ndjson=yes'], '--ndjson wants no value'],
  [['verify', '--origin'], '--origin wants a value'],
  [['verify', '--origin', '--ndjson'], '--origin wants a value'],
  [['verify', '--allow-next', 'thanks'], /^sonde: --allow-next wants an origin, such as/],
  [['verify', '--allow-origin', 'https://a.example/'], /^sonde: --allow-origin wants an origin as browsers write it/],
  [['verify', ...Array(33).fill('--allow-next=/a')], '--allow-next wants to be given at most 32 times'],
  ...['', '-1', '+1', 'x', '1e9', '0x1', '1.', '.5', ' 1', '1 ', '9007199254741', '1'.repeat(400), 'nan', 'inf', '١'].map((value) =>
    [['verify', `--now=${value}`], '--now wants Unix time in seconds, such as 1763661600 or 1763661600.25']),
  ...['', '-1', '1.5', '1023', '1048577', '4294967296', '99999999999999999999'].map((value) =>
    [['verify', `--max-body=${value}`], '--max-body wants a whole number from 1024 to 1048576']),
  ...['', '-1', 'x', '2147483648'].map((value) => [['verify', `--secret-fd=${value}`], '--secret-fd wants the number of an open descriptor']),
];

for (const [args, err] of USAGE)
  test(`usage: ${JSON.stringify(args).slice(0, 60)}`, () => expect(run(args), { code: 2, out: '', err }));

/* ---- Help ----------------------------------------------------------------- */

test('help lists each command', () => {
  const { out } = run(['help']);
  assert.deepEqual([...out.matchAll(/^ {2}([a-z-]+(?: [a-z]+)?)[ A-Z.[\]]* {2}/gm)].map(([, name]) => name), COMMANDS);
  for (const args of [['--help'], ['-h']]) expect(run(args), { code: 0, out });
});

for (const name of COMMANDS)
  test(`help of ${name}`, () => {
    const words = name.split(' ');
    const { code, out, err } = run(['help', ...words]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, new RegExp(`^Usage: sonde ${name} \\[OPTION...\\]`));
    assert.ok(out.split('\n').every((text) => text.length < 80 && !text.endsWith(' ')), 'a line is too long, or ends with a space');
    expect(run([...words, '--help']), { code: 0, out });
    expect(run([...words, '-h', '--', 'x', 'y', 'z']), { code: 0, out });
  });

test('help of a group', () => {
  const { out } = run(['help', 'render']);
  assert.match(out, /render sign[^]*render check/);
  expect(run(['render', '--help']), { code: 0, out });
});

test('version', () => {
  expect(run(['version']), { code: 0, out: /^sonde \d+\.\d+\.\d+\n$/ });
  expect(run(['--version']), { code: 0, out: run(['version']).out });
});

test('the reference has the options that help tells, with the same defaults', async () => {
  const sections = (await readFile(README, 'utf8')).split(/^## /m).slice(1);
  const commands = sections.filter((text) => text.startsWith('`sonde '));
  assert.deepEqual(commands.map((text) => /^`sonde ([a-z- ]+[a-z])/.exec(text)[1]), COMMANDS);
  for (const [i, text] of commands.entries()) {
    const { out } = run(['help', ...COMMANDS[i].split(' ')]);
    const told = [...out.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(([, option]) => option);
    const listed = [...text.matchAll(/^\| `(--[^`]*)` \|/gm)].map(([, option]) => option);
    assert.deepEqual(listed, told, COMMANDS[i]);
    assert.ok(text.startsWith(`\`${/^Usage: (.*)/.exec(out)[1].replace(' [OPTION...]', '')}\``), COMMANDS[i]);
    const presets = [...out.matchAll(/^ {2}(--m[a-z-]+)[^]*?\((\d+)\)/gm)].map(([, option, value]) => [option, value]);
    assert.deepEqual([...text.matchAll(/^\| `(--m[a-z-]+) N` .*Default (\d+)/gm)].map(([, option, value]) => [option, value]), presets);
  }
});

/** Of a list of options in src/: by name, default, least and most. */
async function rangesOf(name) {
  const text = await readFile(new URL(`../../src/${name}`, import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^SONDE_[A-Z_]+\((m\w+), (\d+), (\d+), (\d+),/gm)];
  return Object.fromEntries(rows.map(([, option, ...range]) => [`--${option.replaceAll('_', '-')}`, range]));
}

test('the reference has their ranges', async () => {
  const [signed, otlp] = [await rangesOf('signed_options.def'), await rangesOf('otlp_limits.def')];
  let count = 0;
  for (const text of (await readFile(README, 'utf8')).split(/^## /m)) {
    const ranges = text.startsWith('`sonde otlp ') ? otlp : signed;
    for (const [row, option] of text.matchAll(/^\| `(--m[a-z-]+) N` .*$/gm)) {
      const [, ...range] = /Default (\d+)\b.*; (\d+) … (\d+) \|$/.exec(row) ?? [];
      assert.deepEqual(range, ranges[option], row);
      count++;
    }
  }
  assert.equal(count, 37);
});

/* ---- Settings --------------------------------------------------------------- */

const NAMES = [
  ['SONDE_EXPORT_ENABLED', 'PLAIN_CONNECT_EXPORT_ENABLED'], ['SONDE_EXPORT_URL', 'PLAIN_CONNECT_EXPORT_URL'],
  ['SONDE_EXPORT_TOKEN', 'PLAIN_CONNECT_EXPORT_TOKEN'], ['SONDE_TRACE_SAMPLE_RATE', 'PLAIN_CONNECT_TRACE_SAMPLE_RATE'],
  ['SONDE_EXPORT_LOGS', 'PLAIN_CONNECT_EXPORT_LOGS'], ['SONDE_LOG_LEVEL', 'PLAIN_CONNECT_LOG_LEVEL'],
  ['SONDE_SECRET_KEY', 'PLAIN_CONNECT_SECRET_KEY'],
  ['SONDE_PAGEVIEWS_TOKEN', 'PLAIN_CONNECT_PAGEVIEWS_PUBLIC_TOKEN', 'PLAIN_CONNECT_PAGEVIEWS_TOKEN'],
  ['SONDE_PAGEVIEWS_URL', 'PLAIN_CONNECT_PAGEVIEWS_URL'], ['SONDE_CLOUD_URL', 'PLAIN_CONNECT_CLOUD_URL', 'PLAIN_CONNECT_FORMS_URL'],
];
const VALUE = 'value-that-is-never-told';
const config = (env, ...args) => run(['check-config', ...args], { env });
const rows = ({ out }) => out.split('\n').slice(0, NAMES.length).map((text) => text.slice(20).replace(/ +/g, ' '));

test('settings: none', () => {
  const answer = config({});
  rows(answer).forEach((row, i) => assert.match(row, new RegExp(`^${NAMES[i][0]} not set: \\S`)));
  expect(answer, { code: 0, out: /\nsecrets {13}0\n$/ });
});

test('settings: each of them, under each name', () => {
  for (let which = 0; which < 3; which++) {
    const env = Object.fromEntries(NAMES.map((names) => [names[which] ?? names[0], VALUE]));
    const answer = config(env);
    assert.doesNotMatch(answer.out, new RegExp(VALUE));
    rows(answer).forEach((row, i) => assert.equal(row, NAMES[i][which] && which ? `${NAMES[i][which]} set, alias of ${NAMES[i][0]}` : `${NAMES[i][0]} set`));
    expect(answer, { code: 0, out: /\nsecrets {13}1\n$/ });
  }
});

test('settings: all names at once', () => {
  const answer = config(Object.fromEntries(NAMES.flat().map((name) => [name, VALUE])));
  rows(answer).forEach((row, i) => assert.equal(row, `${NAMES[i][0]} set${NAMES[i].slice(1).map((name) => `; it wins over ${name}`).join('')}`));
});

for (const [name, env, want, ...args] of [
  ['an empty one', { SONDE_LOG_LEVEL: '' }, { code: 0, out: /SONDE_LOG_LEVEL +empty, as not set: INFO\n/ }],
  ['empty, and an alias', { SONDE_SECRET_KEY: '', PLAIN_CONNECT_SECRET_KEY: SECRET }, { code: 0, out: /PLAIN_CONNECT_SECRET_KEY +set, alias of SONDE_SECRET_KEY\n[^]*secrets +1\n$/ }],
  ['several secrets', { SONDE_SECRET_KEY: `${SECRET}\n${SECRET}` }, { code: 0, out: /secrets +2: tokens are made with the first and verified with each\n$/ }],
  ['a short secret', { SONDE_SECRET_KEY: 'short' }, { code: 1, out: /cloud URL[^\n]*\n$/, err: /^sonde: secret 1 of SONDE_SECRET_KEY is shorter than 16 bytes/ }],
  ['a short one under the alias', { PLAIN_CONNECT_SECRET_KEY: `${SECRET}\nshort` }, { code: 1, err: /^sonde: secret 2 of PLAIN_CONNECT_SECRET_KEY is shorter/ }],
  ['a short one that is wanted', { SONDE_SECRET_KEY: 'short' }, { code: 0, out: /secrets +1\n$/ }, '--allow-weak-secret'],
]) test(`settings: ${name}`, () => expect(config(env, ...args), want));

/* ---- Output and input that fail --------------------------------------------- */

const VERIFY = ['verify', '--now', String(NOW)];
const FULL = 'cannot write the output, which is incomplete: No space left on device';
const TO_FULL = [
  [['help'], ''], [['version'], ''], [['token', 'mint', '1'], ''], [['token', 'mint'], '1\n'.repeat(1e5)], [['render', 'sign'], ''],
  [VERIFY, line], [[...VERIFY, '--ndjson'], line], [[...VERIFY, '--ndjson'], line.repeat(5000)], [['check-config'], ''],
];
for (const [args, input] of TO_FULL)
  test(`a full disk: ${args.join(' ')}, ${input.length} bytes`, () => {
    const how = { input, env: KEY, shell: '>/dev/full' };
    expect(args[1] === 'mint' ? runOn(HOSTS[0], args, how) : run(args, how), { code: 1, err: FULL });
  });

for (const args of [['token', 'open'], VERIFY, [...VERIFY, '--ndjson']]) {
  test(`natively, closed input: ${args.join(' ')}`, () => {
    expect(runOn(HOSTS[0], args, { env: KEY, shell: '<&-' }), { code: 1, out: '', err: 'cannot read standard input: Bad file descriptor' });
  });
  test(`a folder for input: ${args.join(' ')}`, () => {
    for (const host of HOSTS) // Node's WASI has another reason for it
      expect(runOn(host, args, { env: KEY, shell: '</' }), { code: 1, out: '', err: /^sonde: cannot read standard input: (Is a directory|Bad file descriptor)\n$/ });
  });
}

test('natively, closed output', () => {
  expect(runOn(HOSTS[0], VERIFY, { env: KEY, input: line, shell: '>&-' }), { code: 1, err: /^sonde: cannot write the output/ });
});

for (const host of HOSTS) {
  const start = (args, env) => {
    const [program, ...rest] = [...host.command(env), ...args];
    const child = spawn(program, rest, { env: { PATH: process.env.PATH, ...env } });
    child.errors = '';
    child.stderr.on('data', (text) => { child.errors += text; });
    child.stdin.on('error', () => {}); // it has gone, as it should
    return child;
  };

  const answer = async (child) => {
    const end = once(child, 'close').then(([code]) => { throw new Error(`it ended with ${code}: ${child.errors}`); });
    return String(await Promise.race([once(child.stdout, 'data'), end]));
  };

  test(`${host.name}: a reader that goes away`, async () => {
    const child = start([...VERIFY, '--ndjson'], KEY);
    child.stdin.write(line);
    await answer(child);
    child.stdout.destroy();
    child.stdin.end(line.repeat(1000));
    const [code] = await once(child, 'close');
    assert.equal(code, 1); // hosts have words of their own for the reason
    assert.match(child.errors, /^sonde: cannot write the output, which is incomplete: (Broken pipe|I\/O error)\n$/);
  });

  for (const args of [[...VERIFY, '--ndjson'], ['token', 'mint']])
    test(`${host.name}: an answer before the input ends: ${args.slice(0, 2).join(' ')}`, async () => {
      const child = start(args, KEY);
      for (let i = 0; i < 3; i++) {
        child.stdin.write(line);
        assert.match(await answer(child), /^[^\n]+\n$/);
      }
      child.stdin.end();
      assert.deepEqual(await once(child, 'close'), [0, null]);
    });
}

/* ---- The module -------------------------------------------------------------- */

test('the module imports WASI preview 1, and exports what a command must', async () => {
  const module = await WebAssembly.compile(await readFile(MODULE));
  assert.deepEqual([...new Set(WebAssembly.Module.imports(module).map((one) => one.module))], ['wasi_snapshot_preview1']);
  assert.deepEqual(WebAssembly.Module.exports(module).map(({ name }) => name).sort(), ['_start', 'memory']);
});

test('Wasmtime runs the module itself', { skip: !WASMTIME && process.env.CI !== 'true' && 'SONDE_WASMTIME names no Wasmtime' }, () => {
  assert.ok(WASMTIME, 'SONDE_WASMTIME must name the Wasmtime command line');
  const { stdout, status } = spawnSync(WASMTIME, ['run', MODULE, 'version'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, spawnSync(NATIVE, ['version'], { encoding: 'utf8' }).stdout]);
});
