// Starts the Chromium that is there, with an empty profile and without the
// network traffic of its own.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {string} throws with what to do when there is none */
export function findChromium(env = process.env) {
  if (env.SONDE_CHROMIUM) return env.SONDE_CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find(isProgram);
  if (!found) throw new Error(`none of ${NAMES.join(', ')} is in PATH: install chromium, or name the program in SONDE_CHROMIUM`);
  return found;
}

/** @param {import('playwright-core').LaunchOptions} [options] */
export function launchChromium(options) {
  return chromium.launch({ executablePath: findChromium(), args: FLAGS, ...options });
}
