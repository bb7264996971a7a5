// Firefox without a driver: it is given an address, and what its page does is
// seen at the server.
import { spawn } from 'node:child_process';
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

async function makeProfile() {
  const profile = await mkdtemp(join(tmpdir(), 'sonde-firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  await writeFile(join(profile, 'user.js'), lines.join(''));
  return profile;
}

/**
 * @param {string} url
 * @returns {Promise<{check: () => void, stop: () => Promise<void>}>} throws with
 *   what to do when there is no Firefox; `check` throws when it has ended
 */
export async function openFirefox(url) {
  const profile = await makeProfile();
  const program = process.env.SONDE_FIREFOX ?? 'firefox-esr';
  const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, url], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { said = (said + text).slice(-2000); });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const clear = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  if (!child.pid) {
    await clear();
    throw new Error(`${program} does not start: install firefox-esr, or name the program in SONDE_FIREFOX`);
  }
  return {
    check() {
      const how = child.exitCode ?? child.signalCode;
      if (how !== null) throw new Error(`${program} ended with ${how}: ${said}`);
    },
    async stop() {
      child.kill();
      await ended;
      await clear();
    },
  };
}
