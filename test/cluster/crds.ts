import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { objectsOf, parse } from '../../manifests/checks/render';
import { ENVIRONMENTS } from '../helpers/environments';
import type { Json } from '../helpers/synth';

/** A chart at the version that is deployed. */
interface Chart {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
  readonly values: string;
}

/** Definitions of kinds, and why some may be lacking. */
interface Definitions {
  readonly crds: readonly Json[];
  readonly lacks: readonly string[];
}

/** What `01-k8s` installs, as the sandbox knows it too. */
const CHARTS = join(__dirname, '../../sandbox/kubernetes/charts');

/** The CRDs of the trees: from the files of CRDS_DIR, else from the charts that the platforms pin, by helm. */
export function findCrds(env: NodeJS.ProcessEnv): Definitions {
  const own = read(__dirname);
  if (env['CRDS_DIR']) return { crds: [...own, ...read(env['CRDS_DIR'])], lacks: [] };
  if (spawnSync('helm', ['version'], { stdio: 'ignore' }).status !== 0) {
    return { crds: own, lacks: ['CRDS_DIR is not set, and helm does not run'] };
  }
  const found = pinnedCharts().map(fromChart);
  return {
    crds: [...own, ...found.flatMap(({ crds }) => crds)],
    lacks: found.flatMap(({ lacks }) => lacks),
  };
}

function read(folder: string): Json[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) => definitionsIn(readFileSync(join(folder, name), 'utf8')));
}

function definitionsIn(text: string): Json[] {
  return parse(text).filter((object) => object?.kind === 'CustomResourceDefinition');
}

function pinnedCharts(): Chart[] {
  const installed = readdirSync(CHARTS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const { name, version, repositories } = JSON.parse(readFileSync(join(CHARTS, file), 'utf8'));
      return { name, version, repository: repositories[0], values: '' };
    });
  const inGit = ENVIRONMENTS.flatMap(objectsOf).flatMap(({ kind, spec }): Chart[] => {
    if (kind === 'HelmChart') {
      return [{ name: spec.chart, repository: spec.repo, version: spec.version, values: spec.valuesContent }];
    }
    return (kind === 'Application' ? [spec.source, ...(spec.sources ?? [])] : [])
      .filter((source: Json) => source?.chart)
      .map(({ chart, repoURL, targetRevision, helm }: Json) => ({
        name: chart,
        repository: repoURL,
        version: targetRevision,
        values: stringify(helm?.valuesObject ?? {}),
      }));
  });
  return [...new Map([...installed, ...inGit].map((chart) => [`${chart.name} ${chart.version}`, chart])).values()];
}

/** What helm renders, since some charts have their CRDs among their templates. Argo CD names OCI registries without scheme. */
function fromChart({ name, repository, version, values }: Chart): Definitions {
  const from = repository.includes('://') ? [name, '--repo', repository] : [`oci://${repository}/${name}`];
  const args = ['template', 'crds', ...from, '--version', version, '--include-crds', '--values', '-'];
  const { status, stdout, stderr } = spawnSync('helm', args, { input: values, encoding: 'utf8', maxBuffer: 256 << 20 });
  if (status !== 0) return { crds: [], lacks: [`helm template ${name} ${version} failed: ${stderr.trim()}`] };
  return { crds: definitionsIn(stdout), lacks: [] };
}
