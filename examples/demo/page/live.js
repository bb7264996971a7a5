// News from the receiver, over one event stream.

/**
 * Calls the handler of each event with its data. The stream is closed while
 * the page is away, since an open one would keep it out of the back/forward
 * cache.
 *
 * @param {Record<string, (data: any) => void>} handlers
 */
export function follow(handlers) {
  let source = connect(handlers);
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) source = connect(handlers);
  });
}

function connect(handlers) {
  const source = new EventSource('/live');
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, ({ data }) => handler(JSON.parse(data)));
  }
  return source;
}

/** Tells the receiver something. @param {string} what @param {object} data */
export function tell(what, data) {
  return fetch(`/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(data),
  });
}
