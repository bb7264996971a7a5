// Sonde as a server has it: dist/edge/signed.js over one instance.
import { COUNT, NOW, SECRET, RENDERED, ids, submission, times } from './data.mjs';

/** @param {{script: string, wasm: string}} where address of the ES module; the artefact in base64 */
export async function start({ script, wasm }) {
  const { createVerifier } = await import(script);
  const bytes = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  return createVerifier({ module: await WebAssembly.compile(bytes), secrets: [SECRET] });
}

/** Submissions whose tokens are all different. */
export function submissions(verifier) {
  const render = verifier.signRenderToken(RENDERED);
  return ids().map((id, i) => ({ body: submission(render, verifier.mintIdentity(id), i), contentType: 'application/json', origin: 'https://app.example', now: NOW }));
}

/** @returns the cases, each with a batch that gives its results as texts */
export function sonde(verifier, tokens) {
  const list = ids();
  const seconds = times();
  const posts = submissions(verifier);
  const row = (name, impl, batch) => ({ case: name, impl, batch });
  return [
    row('open', 'sonde', () => tokens.map((token) => verifier.openIdentity(token))),
    row('seal', 'sonde', () => list.map((id) => verifier.mintIdentity(id))),
    row('render', 'sonde', () => seconds.map((time) => verifier.signRenderToken(time))),
    row('submission', 'sonde', () => posts.map((post) => verifier.verify(post).user_id)),
    row('submission', 'sonde_many', () => Array.from(verifier.verifyMany(posts), ({ user_id }) => user_id)),
    row('submission', 'sonde_line', () => posts.map((post) => verifier.verifyLine(post))),
  ].map((it) => ({ ...it, items: COUNT }));
}
