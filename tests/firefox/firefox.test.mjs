import { engineTests } from '../lib/engine-suite.mjs';
import { openFirefox } from '../lib/engines.mjs';

engineTests(openFirefox, /Firefox/);
