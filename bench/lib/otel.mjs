// The two lines of OTel JS that benchmarks compare with, under the same names.
export * as otel2 from '../../tests/otel-1.9/sdk.mjs';

import { ROOT_CONTEXT, ValueType, trace } from '@opentelemetry/api';
import {
  JsonTraceSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider,
} from '@opentelemetry/sdk-trace';

export const otel3 = {
  ROOT_CONTEXT, ValueType, trace,
  JsonTraceSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer,
  resourceFromAttributes,
  AggregationTemporality, MeterProvider, MetricReader,
  AlwaysOffSampler, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider,
};
