import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startupScript } from '../../constructs/google/k0s-vm';
import { vmOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { registryHost } from '../../platforms/schema/registry';
import threads from '../../platforms/threads/platform';
import { temporaryFolder } from '../helpers/synth';

/** Minutes that a token may have left when the metadata server returns it. */
const LEFT = 4;

const folder = temporaryFolder();
const host = registryHost(threads);
const { k0s, network } = vmOf(threads, 'prod');
const script = startupScript({
  name: namesOf('threads', 'prod').vm,
  address: network.address,
  k0s,
  registryHost: host,
});

/** Runs the credential provider of the VM, as the kubelet does for a pull. @param token - what the metadata server returns. */
function pull(token: string) {
  const [, provider = ''] = /write \S+node-identity 0755 <<'EOF'\n([\s\S]*?)\nEOF\n/.exec(script) ?? [];
  writeFileSync(join(folder, 'curl'), `#!/bin/sh\necho '{"access_token": "${token}", "expires_in": ${LEFT * 60}}'\n`, {
    mode: 0o755,
  });
  const { stdout, status } = spawnSync('bash', ['-c', provider], {
    env: { PATH: [folder, process.env['PATH']].join(delimiter) },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return JSON.parse(stdout) as { cacheDuration: string; auth: Readonly<Record<string, { password: string }>> };
}

test('pull token expired after an hour: each pull asks for the token of the node, and forgets it before it can expire', () => {
  const [first, later] = [pull('morning'), pull('evening')];
  expect([first.auth[host]?.password, later.auth[host]?.password]).toEqual(['morning', 'evening']);
  expect(Number(/^(\d+)m$/.exec(first.cacheDuration)?.[1])).toBeLessThan(LEFT);
});

test('pull token expired after an hour: no tree stores one', () => {
  const files = readdirSync('k8s', { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
  expect(files.length).toBeGreaterThan(100);
  const stored = /kubernetes\.io\/dockerc|imagePullSecrets:|_json_key/;
  expect(files.filter((file) => stored.test(readFileSync(join('k8s', file), 'utf8')))).toEqual([]);
});
