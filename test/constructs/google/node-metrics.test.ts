import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const bin = join(folder, 'bin');

function stub(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** Runs the script with a simulated machine. Returns what it posts, and the arguments of the call. */
function run(dumped: string): {
  post: string;
  series: { metric: { type: string; labels: object }; points: object[] }[];
} {
  mkdirSync(bin, { recursive: true });
  stub(
    'curl',
    `url="\${*: -1}"
case $url in
  *access_token* | *service-accounts*) echo '{"access_token":"ya29.secret","expires_in":300}' ;;
  */project/project-id) echo -n some-project ;;
  */instance/zone) echo -n projects/123/zones/us-east1-b ;;
  */instance/id) echo -n 4711 ;;
  */instance/name) echo -n threads-prod-vm ;;
  *) printf '%s\\n' "$@" >${folder}/post
     while [ "$1" != --header ]; do shift; done
     cat "\${2#@}" >${folder}/header ;;
esac`,
  );
  stub('df', 'printf "Use%%\\n 81%%\\n"');
  stub('openssl', 'echo "notAfter=$(date --utc --date "+40 days +1 hour" "+%b %e %T %Y GMT")"');
  stub('k0s', dumped);
  const script = readFileSync(join(__dirname, '../../../constructs/google/node-metrics.sh'), 'utf8');
  const { status, stderr } = spawnSync('bash', {
    input: script,
    env: { PATH: `${bin}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const post = readFileSync(join(folder, 'post'), 'utf8');
  const data = /--data\n(.*)\nhttps:/s.exec(post)?.[1] ?? '';
  return { post, series: JSON.parse(data).timeSeries };
}

const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const { post, series } = run(`printf '%s\\n' '${ago(700)}' '${ago(31.5)}'`);

test('writes the used disk space, the remaining days of the certificate and the age of the last dump', () => {
  const values = series.map(({ metric, points }) => [metric.type, points[0]]);
  expect(values).toEqual([
    ['custom.googleapis.com/strata/disk_used_percent', expect.objectContaining({ value: { int64Value: '81' } })],
    ['custom.googleapis.com/strata/certificate_days', expect.objectContaining({ value: { int64Value: '40' } })],
    ['custom.googleapis.com/strata/dump_hours', expect.objectContaining({ value: { int64Value: '31' } })],
  ]);
});

test('labels all metrics with the name of the VM, since its id changes with every restore', () => {
  for (const { metric } of series) expect(metric.labels).toEqual({ vm: 'threads-prod-vm' });
  expect(post).toContain('https://monitoring.googleapis.com/v3/projects/some-project/timeSeries');
});

test('passes the token through a file, not in an argument', () => {
  expect(post).not.toContain('ya29.secret');
  expect(readFileSync(join(folder, 'header'), 'utf8')).toBe('Authorization: Bearer ya29.secret');
});

test.each([
  ['no dumps', 'true'],
  ['an API server that does not answer', 'exit 1'],
])('a VM with %s tells the rest', (_, dumped) => {
  expect(run(dumped).series.map(({ metric }) => metric.type.split('/').at(-1))).toEqual([
    'disk_used_percent',
    'certificate_days',
  ]);
});

test('a dump that never succeeded is as old as its job', () => {
  const [, , dump] = run(`printf '%s\\n\\n' '${ago(40.5)}'`).series;
  expect(dump?.points).toEqual([expect.objectContaining({ value: { int64Value: '40' } })]);
});
