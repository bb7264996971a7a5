// tests/vectors/spans.txt through the wasm files.
import { testCases } from './lib/cases.mjs';

testCases('spans');
