// The API line 1.10: see otel/suite.mjs.
import { suite } from './otel/suite.mjs';

await suite('1.10');
