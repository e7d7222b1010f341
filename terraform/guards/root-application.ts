import { changedResources, type Guard, objectName, prunedObjects } from './guard';

/** With this finalizer, Argo CD deletes everything that an Application deployed before the Application itself. */
const CASCADE = 'resources-finalizer.argocd.argoproj.io';

/** An Application as far as the guard looks at it. */
interface Application {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly finalizers?: readonly string[] };
  readonly spec?: {
    readonly source?: { readonly repoURL?: string; readonly path?: string; readonly targetRevision?: string };
    readonly syncPolicy?: { readonly automated?: { readonly prune?: boolean; readonly allowEmpty?: boolean } };
    readonly destination?: { readonly namespace?: string };
  };
}

/** Refuses changes after which Argo CD may prune what is deployed. See https://github.com/argoproj/argo-cd/issues/6046 */
export const rootApplication: Guard = {
  name: 'root-application',
  protects: 'the Application that deploys everything else, and where it reads from',
  find: (input) => [
    ...changedResources(input)
      .filter(({ type }) => type === 'kubernetes_manifest')
      .flatMap(({ layer, address, lost, before, after }) => {
        const application = before['manifest'] as Application | undefined;
        if (application?.kind !== 'Application') return [];
        const message = lost ? lossOf(application) : moveOf(application, after['manifest'] as Application | undefined);
        const blastRadius = `everything that Application ${application.metadata?.name} has deployed to namespace ${application.spec?.destination?.namespace ?? '?'}`;
        return message ? [{ place: layer, subject: address, message, blastRadius }] : [];
      }),
    ...prunedObjects(input)
      .filter(({ object }) => object.kind === 'Application' || object.kind === 'AppProject')
      .map(({ path, object }) => ({
        place: path,
        subject: objectName(object),
        message: `${object.kind} ${object.metadata.name} is pruned`,
        blastRadius: `everything that ${object.metadata.name} has deployed, where it has the finalizer ${CASCADE}`,
      })),
  ],
};

function lossOf({ metadata }: Application): string | undefined {
  return metadata?.finalizers?.includes(CASCADE)
    ? 'the Application is deleted, and its finalizer deletes everything that it has deployed'
    : 'the Application is deleted: nothing is deployed until another one adopts the resources';
}

function moveOf(before: Application, after: Application | undefined): string | undefined {
  if (!after) return undefined;
  const [old, now] = [before.spec?.source, after.spec?.source];
  const moved = (['repoURL', 'path'] as const).filter((key) => old?.[key] !== now?.[key]);
  const { prune, allowEmpty } = after.spec?.syncPolicy?.automated ?? {};
  if (moved.length > 0 && prune)
    return `it reads from another ${moved.join(' and ')} (${moved.map((key) => `${old?.[key]} -> ${now?.[key]}`).join(', ')}) and prunes what is not there`;
  if (allowEmpty && !before.spec?.syncPolicy?.automated?.allowEmpty)
    return 'allowEmpty lets it prune everything when Git renders nothing';
  if (before.spec?.destination?.namespace !== after.spec?.destination?.namespace)
    return `it deploys to namespace ${after.spec?.destination?.namespace} and no longer to ${before.spec?.destination?.namespace}`;
  return after.metadata?.finalizers?.includes(CASCADE) && !before.metadata?.finalizers?.includes(CASCADE)
    ? `it gets the finalizer ${CASCADE}: its deletion would delete everything that it has deployed`
    : undefined;
}
