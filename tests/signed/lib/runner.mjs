// Runs a table of calls of a verifier and says what came of each: JSON in, JSON
// out, so that each host runs the same one. In Node and in workers alike.

/** A body as a row has it: text, or bytes as `{hex}`. */
const bodyOf = (body) => (body?.hex === undefined ? body : Uint8Array.from(body.hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)));

/** Arguments with submissions that have real bodies. */
const argumentsOf = (call) => call.map((given) => {
  if (Array.isArray(given)) return given.map((it) => ({ ...it, body: bodyOf(it.body) }));
  return given?.body === undefined ? given : { ...given, body: bodyOf(given.body) };
});

/** Fills a view with the bytes that `hex` has. */
const scripted = (hex) => (view) => view.set(bodyOf({ hex }));

function call(verifier, [method, ...given]) {
  const result = verifier[method](...argumentsOf(given));
  return method === 'verifyMany' ? [...result] : result;
}

/**
 * @param {(options: object) => any} createVerifier
 * @param {WebAssembly.Module} module
 * @param {{options?: any, random?: string, calls: any[][]}[]} rows a verifier
 *   is made for each of them; the calls are made one after the other
 * @returns for each row, for each call, what it gave: `{result}` or `{error}`
 */
export function runTable(createVerifier, module, rows) {
  const attempt = (work) => {
    try {
      const result = work();
      return { result: result === undefined ? null : result };
    } catch ({ name, message }) {
      return { error: `${name}: ${message}` };
    }
  };
  return rows.map(({ options, random, calls }) => {
    let verifier;
    const more = random === undefined ? {} : { random: scripted(random) };
    const made = attempt(() => void (verifier = createVerifier({ module, ...more, ...options })));
    return verifier ? calls.map((it) => attempt(() => call(verifier, it))) : [made];
  });
}
