import { engineTests } from '../lib/engine-suite.mjs';
import { openWebKit } from '../lib/engines.mjs';

engineTests(openWebKit, /Safari/);
