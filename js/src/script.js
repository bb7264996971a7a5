/**
 * The package as a classic script: the global `Sonde`, and an exporter as
 * `sonde` if the script element says where to send to.
 *
 *     <script src="sonde-script.js" data-endpoint="/otlp" data-token="…"
 *       data-service-name="shop" data-service-version="1.2.3"
 *       data-environment="production"></script>
 *
 * It stands before the scripts that log, without `async`: `currentScript` is
 * null in modules. A second copy does nothing.
 */
import { create } from './inline.js';

const page = /** @type {any} */ (globalThis);
const data = page.document?.currentScript?.dataset ?? {};

if (!page.Sonde) {
  page.Sonde = { create };
  if (data.endpoint) {
    const { endpoint, token, serviceName, serviceVersion, environment } = data;
    page.sonde = create({
      endpoint,
      // In a page that has a relay of its own, there is none.
      token: token === 'false' ? false : token,
      serviceName,
      serviceVersion,
      environment,
    });
  }
}
