// Types of the package `sonde/views`. metrics.md is the manual.
import type { View } from './index.js';

/** What option `views` of `create` takes. Throws a RangeError that names what is wrong. */
export function views(list?: readonly View[]): (meter: string, instrument: string) => View | undefined;
