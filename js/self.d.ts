// Types of the package `sonde/self`. metrics.md is the manual.

/** For the option `extensions` of `create`. */
export function observe(hub: any, meterOf: any): void;
