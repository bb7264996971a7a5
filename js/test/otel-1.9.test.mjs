// The API line 1.9: see otel/suite.mjs.
import { suite } from './otel/suite.mjs';

await suite('1.9');
