import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** No first-run pages, no updates, no calls of the browser's own. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--disable-features=OptimizationHints,MediaRouter,Translate',
  '--enable-logging=stderr',
];

/** What a page has become in a browser. */
export interface Opened {
  /** Its document after all scripts have run. */
  readonly dom: string;
  /** What it wrote to the console, the browser's own complaints about it included. */
  readonly console: readonly string[];
}

/** The program: `$CHROME`, or Chromium or Chrome on PATH. Undefined when there is none. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter);
  const candidates = env['CHROME']
    ? [env['CHROME']]
    : folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Opens a file in a browser without a window. Whatever it or the browser asks of the network is refused.
 *
 * @param picture - where to put a picture of it. @default - none
 * @param dark - whether the user prefers dark pages. @default false
 */
export async function openPage(browser: string, file: string, picture?: string, dark = false): Promise<Opened> {
  const proxy = createServer((_, response) => void response.writeHead(403).end());
  proxy.on('connect', (_, socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  try {
    const args = [
      ...QUIET,
      `--user-data-dir=${profile}`,
      `--proxy-server=http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      '--window-size=1100,2600',
      '--hide-scrollbars',
      ...(dark ? ['--force-dark-mode'] : []),
      ...(picture ? [`--screenshot=${picture}`] : ['--dump-dom']),
      `file://${file}`,
    ];
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((done, reject) => {
      execFile(browser, args, { timeout: 25_000, maxBuffer: 1 << 26 }, (error, out, err) =>
        error ? reject(error) : done({ stdout: out, stderr: err }),
      );
    });
    const messages = stderr.split('\n').filter((line) => /:CONSOLE[:(]/.test(line));
    return { dom: stdout, console: messages };
  } finally {
    proxy.closeAllConnections();
    proxy.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
