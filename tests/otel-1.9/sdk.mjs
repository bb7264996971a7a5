// The SDK of this line for ./dev bench, which cannot find it from its own folder.
export { ROOT_CONTEXT, ValueType, trace } from '@opentelemetry/api';
export {
  JsonTraceSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
export { resourceFromAttributes } from '@opentelemetry/resources';
export { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
export {
  AlwaysOffSampler, BasicTracerProvider as TracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-web';
