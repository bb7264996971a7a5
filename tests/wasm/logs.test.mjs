// tests/vectors/logs.txt through the wasm files.
import { testCases } from './lib/cases.mjs';

testCases('logs');
