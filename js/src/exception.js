/**
 * An error as the attributes that OpenTelemetry gives to exceptions.
 */

/** A chain of causes may be a circle. */
const MAX_CAUSES = 8;

/**
 * @param {any} error whatever was thrown
 * @param {number} most characters of the stack trace
 * @returns {{type: string, message: string, stack: string}} '' for what is
 *   not known
 */
export function describe(error, most) {
  if (Object(error) !== error) return { type: '', message: String(error), stack: '' };
  const { name, message, stack, cause } = error;
  return {
    type: String(name ?? ''),
    message: String(message ?? error),
    stack: stack ? (cause == null ? String(stack) : stack + causes(cause)).slice(0, most) : '',
  };
}

/** @param {any} cause */
function causes(cause) {
  let text = '';
  for (let i = 0; i < MAX_CAUSES && cause != null; i++) {
    const title = String(cause);
    const stack = String(cause.stack ?? '');
    // V8 begins a stack with the title, the others do not.
    text += `\nCaused by: ${stack.startsWith(title) ? stack : `${title}\n${stack}`}`;
    cause = cause.cause;
  }
  return text;
}
