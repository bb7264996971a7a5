// Firefox and WebKit without a driver: they are given an address, and what their
// page does is seen at the server. Each has a folder of its own for all it keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** No network of its own, and no pages but ours. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disablePrefetch': true,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

/**
 * A program that runs until it is stopped, and the last of what it says.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{env?: object, remedy: string, fd?: 'pipe'}} options `fd`: for its file descriptor 3
 */
function start(program, args, { env, remedy, fd = 'ignore' }) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe', fd] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { said = (said + text).slice(-2000); });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  return {
    child,
    check() {
      if (!child.pid) throw new Error(`${program} does not start: ${remedy}`);
      const how = child.exitCode ?? child.signalCode;
      if (how !== null) throw new Error(`${program} ended with ${how}: ${said}`);
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/**
 * @typedef {object} Engine
 * @property {() => void} check throws when it has ended
 * @property {() => Promise<void>} stop
 */

/**
 * @param {(folder: string, stops: (() => Promise<void>)[]) => Promise<() => void>} open gives `check`
 * @returns {Promise<Engine>}
 */
async function withFolder(open) {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-engine-'));
  const stops = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const stop = async () => {
    while (stops.length > 0) await stops.pop()();
  };
  try {
    return { check: await open(folder, stops), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Throws what to do when there is no Firefox. @param {string} url */
export function openFirefox(url) {
  return withFolder(async (profile, stops) => {
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    await writeFile(join(profile, 'user.js'), lines.join(''));
    const firefox = start(process.env.SONDE_FIREFOX ?? 'firefox-esr', ['--headless', '--no-remote', '--profile', profile, url], {
      remedy: 'install firefox-esr, or name the program in SONDE_FIREFOX',
    });
    stops.push(firefox.stop);
    firefox.check();
    return firefox.check;
  });
}

/** WebKitGTK's own small browser lies beside the library. */
function findWebKit() {
  const { SONDE_WEBKIT } = process.env;
  if (SONDE_WEBKIT) return SONDE_WEBKIT;
  const found = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return found.map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`).find(existsSync) ?? 'MiniBrowser';
}

/** An X server without a screen, as WebKitGTK is never headless. @returns its display */
async function startScreen(stops) {
  const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    remedy: 'install xvfb', fd: 'pipe',
  });
  stops.push(screen.stop);
  screen.check();
  const [number] = await Promise.race([once(screen.child.stdio[3].setEncoding('utf8'), 'data'), once(screen.child, 'exit')]);
  screen.check();
  return `:${number.trim()}`;
}

/** Throws what to do when there is no WebKitGTK, or no X server. @param {string} url */
export function openWebKit(url) {
  return withFolder(async (home, stops) => {
    const env = {
      HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home,
      DISPLAY: await startScreen(stops), GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1', NO_AT_BRIDGE: '1',
    };
    const webkit = start(findWebKit(), ['--private', url], {
      env, remedy: 'install libwebkit2gtk-4.1-0, or name its MiniBrowser in SONDE_WEBKIT',
    });
    stops.push(webkit.stop);
    webkit.check();
    return webkit.check;
  });
}
