import { ARGOCD_NAMESPACE } from '../../../contracts/k8s';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { applicationOf } from '../../../platforms/schema/environment';
import { type Check, type Family, type Outcome, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';

interface Application {
  readonly spec?: { readonly syncPolicy?: { readonly automated?: object } };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

/** What Argo CD says when a sync would delete everything. Source: controller/appcontroller.go of argo-cd */
const WIPE_OUT = /auto-sync will wipe out all resources/;

const wipeOut = check('path change', ({ status }, at) => {
  const found = status?.conditions?.find(({ message }) => WIPE_OUT.test(message));
  return found
    ? wrong(
        `application ${nameOf(at)} is not synced: ${oneLine(found.message)}`,
        'docs/runbooks/wanted-path-change.md; do not turn pruning off',
      )
    : ok('no sync would delete everything');
});

const errors = check('application errors', ({ status }, at) => {
  const problems = (status?.conditions ?? []).filter(
    ({ type, message }) => /Error$/.test(type) && !WIPE_OUT.test(message),
  );
  const operation = status?.operationState;
  const failed = ['Failed', 'Error'].includes(operation?.phase ?? '') ? [`sync: ${operation?.message ?? ''}`] : [];
  const all = [...problems.map(({ type, message }) => `${type}: ${message}`), ...failed];
  return all.length === 0
    ? ok('none')
    : wrong(`application ${nameOf(at)}: ${oneLine(all[0] ?? '')}`, `correct it in Git; then ${refresh(at, 'hard')}`);
});

const autoSync = check('auto-sync', ({ spec }, at) =>
  spec?.syncPolicy?.automated
    ? ok('on')
    : wrong(
        `application ${nameOf(at)} does not sync by itself`,
        `npm run apply -- --platform ${at.platform.name} --env ${at.env} --layer 02-argocd-app`,
      ),
);

const sync = check('sync', ({ status }, at) => {
  const state = status?.sync?.status ?? 'Unknown';
  return state === 'Synced'
    ? ok(state)
    : wrong(`application ${nameOf(at)} is ${state}`, `let Argo CD read Git now: ${refresh(at, 'hard')}`);
});

/** Whether Argo CD follows Git. */
export const argocd: Family = { family: 'Argo CD', checks: [wipeOut, errors, autoSync, sync] };

function check(name: string, look: (application: Application, at: Surroundings) => Outcome): Check {
  return {
    name,
    look: async (at) => {
      if (environmentOf(at.platform, at.env).delivery.kind === 'push-apply')
        return unchecked('CI applies this environment, without Argo CD');
      return look(
        await at.cluster<Application>(
          'get',
          `applications.argoproj.io/${nameOf(at)}`,
          `--namespace=${ARGOCD_NAMESPACE}`,
        ),
        at,
      );
    },
  };
}

function nameOf({ platform, env }: Surroundings): string {
  return applicationOf(platform, env);
}

/** See https://argo-cd.readthedocs.io/en/stable/user-guide/annotations-and-labels/ */
function refresh(at: Surroundings, how: 'hard'): string {
  return `kubectl annotate application ${nameOf(at)} --namespace ${ARGOCD_NAMESPACE} argocd.argoproj.io/refresh=${how} --overwrite`;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
