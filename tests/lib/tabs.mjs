// Tabs that really cover each other. playwright keeps its pages in the focus,
// and so visible, whatever is in front of them; here the browser is told over
// its own protocol to make tabs that playwright does not know.

/** @typedef {{evaluate: (code: string) => Promise<any>, activate: () => Promise<void>}} Tab */

/** Messages to and from one tab. */
async function attach(session, targetId) {
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map();
  let count = 0;
  session.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error } = JSON.parse(event.message);
    waiting.get(id)?.(error ? { error } : result);
  });
  return (method, params = {}) => new Promise((resolve) => {
    const id = ++count;
    waiting.set(id, resolve);
    const message = JSON.stringify({ id, method, params });
    session.send('Target.sendMessageToTarget', { sessionId, message });
  });
}

/**
 * @param {import('playwright-core').Browser} browser
 * @returns {Promise<{open: (url: string) => Promise<Tab>, close: () => Promise<void>}>}
 */
export async function openTabs(browser) {
  const session = await browser.newBrowserCDPSession();
  const { browserContextId } = await session.send('Target.createBrowserContext');
  return {
    async open(url) {
      const { targetId } = await session.send('Target.createTarget', { url, browserContextId });
      const send = await attach(session, targetId);
      return {
        async evaluate(expression) {
          const { result, exceptionDetails } = await send('Runtime.evaluate', {
            expression, awaitPromise: true, returnByValue: true,
          });
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        activate: () => session.send('Target.activateTarget', { targetId }),
        close: () => session.send('Target.closeTarget', { targetId }),
      };
    },
    close: () => session.send('Target.disposeBrowserContext', { browserContextId }),
  };
}
