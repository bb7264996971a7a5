// The benchmark's submissions as lines of JSON, for programs that read them.
import { NOW, RENDERED, SECRET, ids, submission } from './data.mjs';

/** To be verified at this time, in milliseconds. */
export { NOW, SECRET };

/** @param {any} verifier of dist/edge/signed.js with SECRET @param {number} count */
export function submissionLines(verifier, count) {
  const list = ids();
  const render = verifier.signRenderToken(RENDERED);
  let text = '';
  for (let i = 0; i < count; i++) text += `${submission(render, verifier.mintIdentity(list[i % list.length]), i)}\n`;
  return text;
}
