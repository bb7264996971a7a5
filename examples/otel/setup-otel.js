// The SDK of OpenTelemetry JS behind the API.
import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { ProtobufLogsSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, StackContextManager, TracerProvider } from '@opentelemetry/sdk-trace';

/** `@opentelemetry/exporter-*-otlp-proto` in short, without timeouts and retries. */
const exporterTo = (url, serializer) => ({
  async export(items, done) {
    const headers = { 'content-type': 'application/x-protobuf' };
    const { ok } = await fetch(url, { method: 'POST', headers, body: serializer.serializeRequest(items) }).catch(() => ({ ok: false }));
    done({ code: ok ? 0 : 1 });
  },
  forceFlush: async () => {},
  shutdown: async () => {},
});

const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': 'shop', 'deployment.environment.name': 'example' }));
const providers = [
  new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter: exporterTo('/otlp/v1/traces', ProtobufTraceSerializer) })] }),
  new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter: exporterTo('/otlp/v1/metrics', ProtobufMetricsSerializer) })] }),
  new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: exporterTo('/otlp/v1/logs', ProtobufLogsSerializer) })] }),
];
trace.setGlobalTracerProvider(providers[0]);
metrics.setGlobalMeterProvider(providers[1]);
logs.setGlobalLoggerProvider(providers[2]);
context.setGlobalContextManager(new StackContextManager().enable());
propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));

export const flush = () => Promise.all(providers.map((provider) => provider.forceFlush()));
