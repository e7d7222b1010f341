import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GithubRequest } from '../../../clients/github';
import { connectPullRequests, GithubPullRequests } from '../../../delivery/tag/github-pull-requests';
import { FailedError } from '../../../errors';

const ROOT = join(__dirname, '../../..');
const draft = { head: 'strata/prod/a-1', base: 'main', title: 'deploy: a 1', body: 'Service: a' };
const url = 'https://github.com/acme/config.git';

test('a pull request is opened once: the open one of the branch is found again', async () => {
  const calls: [string, unknown][] = [];
  let open: object[] = [];
  const request: GithubRequest = async (route, parameters) => {
    calls.push([route, parameters]);
    if (route.startsWith('GET')) return { data: open };
    open = [{ number: 7, html_url: 'https://github.com/acme/config/pull/7' }];
    return { data: open[0] };
  };
  const pullRequests = new GithubPullRequests(url, request);
  const opened = { number: 7, url: 'https://github.com/acme/config/pull/7' };
  expect(await pullRequests.open(draft)).toEqual(opened);
  expect(await pullRequests.open(draft)).toEqual(opened);
  const found = { owner: 'acme', repo: 'config', head: 'acme:strata/prod/a-1', base: 'main', state: 'open' };
  expect(calls).toEqual([
    ['GET /repos/{owner}/{repo}/pulls', found],
    ['POST /repos/{owner}/{repo}/pulls', { owner: 'acme', repo: 'config', ...draft }],
    ['GET /repos/{owner}/{repo}/pulls', found],
  ]);
});

test('a refusal by GitHub says that the branch exists, and what the token needs', async () => {
  const refused = new GithubPullRequests(url, async () => {
    throw new Error('Resource not accessible by integration');
  }).open(draft);
  await expect(refused).rejects.toThrow(
    'GitHub refused the pull request: Resource not accessible by integration; the branch is pushed. ' +
      'Allow the token in REPO_ACCESS_TOKEN to write pull requests, then run this again',
  );
  await expect(refused).rejects.toBeInstanceOf(FailedError);
});

test('without a token, or away from GitHub, --pr is wrong usage', async () => {
  await expect(connectPullRequests(url, {})).rejects.toMatchObject({
    exitCode: 2,
    message: '--pr: needs REPO_ACCESS_TOKEN, a token that may write pull requests',
  });
  expect(() => new GithubPullRequests('https://git.example.com/a/b.git', async () => ({ data: 0 }))).toThrow(
    'https://git.example.com/a/b.git is not on GitHub; --pr can open pull requests only there',
  );
});

test("GitHub's own client is loaded when it is needed, and sends the token", async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push([request.method, request.headers.authorization]);
    response.setHeader('content-type', 'application/json');
    response.end(request.method === 'GET' ? '[]' : '{"number":7,"html_url":"https://github.com/acme/config/pull/7"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const script = `require('./delivery/tag/github-pull-requests.ts').connectPullRequests('${url}', process.env)
    .then((found) => found.open(${JSON.stringify(draft)})).then(({ url }) => console.log(url))`;
  const env = {
    ...process.env,
    REPO_ACCESS_TOKEN: 'sentinel',
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['-r', './register.cjs', '-e', script], { cwd: ROOT, env });
  server.close();
  expect(stdout).toBe('https://github.com/acme/config/pull/7\n');
  expect(seen).toEqual([
    ['GET', 'token sentinel'],
    ['POST', 'token sentinel'],
  ]);
});
