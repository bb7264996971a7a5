// Types of the package `sonde/self`. metrics.md is the manual.

/** What option `selfObservation` of `create` takes. */
export function observe(hub: any, meterOf: any): void;
