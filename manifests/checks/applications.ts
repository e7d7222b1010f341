import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../json';
import { type Check, originOf, type Problem } from './problem';

const WAVE = 'argocd.argoproj.io/sync-wave';

/** Charts that install CRDs, by API group. */
const OWNERS: Readonly<Record<string, string>> = {
  'postgresql.cnpg.io': 'cloudnative-pg',
  'monitoring.coreos.com': 'kube-prometheus-stack',
  'actions.github.com': 'gha-runner-scale-set-controller',
};

/** Charts that use CRDs of another chart's API group. */
const USERS: Readonly<Record<string, string>> = { 'gha-runner-scale-set': 'actions.github.com' };

/**
 * Applications point to existing folders that their AppProject allows, sync after the charts that install their CRDs, and retry
 * until they succeed, each time at the newest revision.
 */
export const applications: Check = (objects, { root }) => {
  const projects = objects.filter(({ kind }) => kind === 'AppProject');
  const all = objects.filter(({ kind, apiVersion }) => kind === 'Application' && apiVersion.startsWith('argoproj'));
  return all.flatMap((object): Problem[] => {
    const { source, destination, project } = object.spec;
    const problems: Problem[] = [];
    const refuse = (path: string, wrong: string, fix: string) => problems.push({ object, path, wrong, fix });
    if (source.path && !existsSync(join(root, source.path, 'kustomization.yaml')))
      refuse(
        'spec.source.path',
        `folder "${source.path}" has no kustomization`,
        'give a folder with a kustomization.yaml',
      );
    if (!source.targetRevision || source.targetRevision === 'HEAD')
      refuse('spec.source.targetRevision', `got ${source.targetRevision}`, 'give a branch or the version of a chart');
    const allowed = projects.find(({ metadata }) => metadata.name === project)?.spec;
    // Without an AppProject in the tree, it uses the one that layer 02 creates for the platform.
    if (!allowed && projects.length)
      refuse(
        'spec.project',
        `AppProject "${project}" does not exist`,
        `use one of ${projects.map(({ metadata }) => metadata.name).join(', ')}`,
      );
    if (allowed && !allowed.sourceRepos.includes(source.repoURL))
      refuse(
        'spec.source.repoURL',
        `AppProject "${project}" does not allow ${source.repoURL}`,
        'add it to its sourceRepos',
      );
    if (allowed && !allowed.destinations.some(({ namespace }: Json) => namespace === destination.namespace))
      refuse(
        'spec.destination.namespace',
        `AppProject "${project}" does not allow namespace "${destination.namespace}"`,
        'add it to its destinations',
      );
    return [...problems, ...endless(object), ...order(object, all, objects)];
  });
};

/**
 * Argo CD never syncs a revision again after its last retry and, without `refresh`, ignores newer commits while it retries.
 * Source: argo-cd v3.4.4, controller/appcontroller.go.
 */
function endless(object: Json): Problem[] {
  const { automated, retry } = object.spec.syncPolicy ?? {};
  if (!automated) return [];
  const wanted = { limit: -1, refresh: true };
  return Object.entries(wanted).flatMap(([key, value]): Problem[] =>
    retry?.[key] === value
      ? []
      : [{ object, path: `spec.syncPolicy.retry.${key}`, wrong: `got ${retry?.[key]}`, fix: `use ${value}` }],
  );
}

/** An Application is in a later sync wave than the chart that installs a CRD which it uses. */
function order(object: Json, all: readonly Json[], objects: readonly Json[]): Problem[] {
  const { source } = object.spec;
  const own = objects.filter((one) => source.path && originOf(one) === source.path);
  const used = new Set<string | undefined>(own.map(groupOf));
  if (source.chart in USERS) used.add(USERS[source.chart]);
  return Object.entries(OWNERS).flatMap(([group, chart]): Problem[] => {
    const owner = all.find(({ spec }) => spec.source.chart === chart);
    if (!used.has(group) || !owner || wave(owner) < wave(object)) return [];
    const wrong = `wave ${wave(object)} is not after wave ${wave(owner)} of "${owner.metadata.name}", which owns ${group}`;
    return [{ object, path: `metadata.annotations["${WAVE}"]`, wrong, fix: `use ${wave(owner) + 1} or later` }];
  });
}

/** For every custom resource of a known chart, something installs its CRD. */
export const owners: Check = (objects) =>
  objects
    .filter((object) => {
      const chart = OWNERS[groupOf(object)];
      return (
        chart && !objects.some(({ kind, spec }) => (kind === 'HelmChart' ? spec.chart : spec?.source?.chart) === chart)
      );
    })
    .map((object) => ({
      object,
      path: 'apiVersion',
      wrong: `nothing installs the CRD of ${object.apiVersion} ${object.kind}`,
      fix: `install chart ${OWNERS[groupOf(object)]} before`,
    }));

function groupOf({ apiVersion }: Json): string {
  return apiVersion.split('/')[0] ?? '';
}

function wave({ metadata }: Json): number {
  return Number(metadata.annotations?.[WAVE] ?? 0);
}
