/** What of `@opentelemetry/api` is used, in either of its lines. */
// The default export has `logs` only from 1.10 on; to import a name that is not
// there is an error of some bundlers.
import api, { baggageEntryMetadataFromString, INVALID_SPAN_CONTEXT, ROOT_CONTEXT } from '@opentelemetry/api';

export { api, baggageEntryMetadataFromString, INVALID_SPAN_CONTEXT, ROOT_CONTEXT };
