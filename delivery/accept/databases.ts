import { parseAllDocuments } from 'yaml';
import { KubectlError } from '../../clients/kubectl';
import { nameOf, workloadsIn } from '../rollout/workload';
import type { DeliveryTools } from '../ship/tools';
import { type Finding, passUnless, person } from './check';

/** Databases that every server of PostgreSQL has. */
const OWN = ['postgres', 'template0', 'template1'];

interface Overlaid {
  readonly overlay: { readonly namespace: string };
  readonly manifests: string;
}

interface Database {
  readonly kind?: string;
  readonly metadata?: { readonly name: string };
}

/** Asks the PostgreSQL of an environment for its databases, from inside its pod, where no password is needed. */
export async function databases(tools: DeliveryTools, built: readonly Overlaid[]): Promise<Finding> {
  const servers = built.flatMap(({ overlay, manifests }) =>
    workloadsIn(manifests, overlay.namespace).filter(
      ({ kind, metadata }) => kind === 'StatefulSet' && /postgres/.test(metadata.name),
    ),
  );
  const [server] = servers;
  if (!server) return ofOperator(tools, built);
  const { namespace = '' } = server.metadata;
  const shell = 'psql --username="$POSTGRES_USER" --no-align --tuples-only --command="SELECT datname FROM pg_database"';
  const args = ['exec', nameOf(server), `--namespace=${namespace}`, '--', 'sh', '-c', shell];
  const listed = await tools
    .kubectl()
    .run(args)
    .catch((error: unknown) => error);
  if (typeof listed === 'string') {
    const names = listed.split('\n').filter((name) => name && !OWN.includes(name));
    return passUnless(
      names.length > 0 ? [] : [`${nameOf(server)} has no database of the application`],
      names.join(', '),
    );
  }
  if (!(listed instanceof KubectlError)) throw listed;
  return person(
    `no answer (${listed.stderr.trim().split('\n').at(-1)}); run kubectl exec ${nameOf(server)} -- psql --list`,
  );
}

/** CloudNativePG says of each Database whether it has been created. */
async function ofOperator(tools: DeliveryTools, built: readonly Overlaid[]): Promise<Finding> {
  const wanted = built.flatMap(({ overlay, manifests }) =>
    parseAllDocuments(manifests)
      .map((document) => document.toJS() as Database | null)
      .filter((object) => object?.kind === 'Database')
      .map((object) => ({ name: object?.metadata?.name ?? '', namespace: overlay.namespace })),
  );
  if (wanted.length === 0) return passUnless([], 'the environment has no separate database');
  const missing: string[] = [];
  for (const { name, namespace } of wanted) {
    const args = ['get', `databases.postgresql.cnpg.io/${name}`, `--namespace=${namespace}`];
    const found = await tools.kubectl().find<{ readonly status?: { readonly applied?: boolean } }>(args);
    if (!found?.status?.applied) missing.push(`database ${name} is not applied`);
  }
  return passUnless(missing, wanted.map(({ name }) => name).join(', '));
}
