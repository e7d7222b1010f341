import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const RUNBOOKS = join('docs', 'runbooks');
const PAGES = ['README.md', ...readdirSync(RUNBOOKS).map((name) => join(RUNBOOKS, name))];

// cdktf ends with a usage error otherwise, before it does anything.
test.each(PAGES)('%s names the layers that cdktf asks for, or says that they stand', (page) => {
  const commands = readFileSync(page, 'utf8').match(/npx cdktf (deploy|destroy) [^`\n]*/g) ?? [];
  const refused = commands.filter(
    (command) => /(k8s|argocd-app)-/.test(command) && !/ vpc-|--ignore-missing-stack-dependencies/.test(command),
  );
  expect(refused).toEqual([]);
});
