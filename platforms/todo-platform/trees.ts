import type { Trees } from '../schema/trees';

/** todo-platform: an app-of-apps, and the folders that its Applications follow. */
export default {
  deployments: ({ environments }, env, tree) => [
    {
      provider: environments[env]?.state?.kind === 'local' ? 'podman' : 'existing',
      overlays: [
        `argocd-apps/${env}`,
        `infrastructure/namespaces/overlays/${env}`,
        // Only prod runs the jobs of GitHub Actions.
        ...(env === 'prod' ? ['infrastructure/arc-runners'] : []),
        `infrastructure/todo-db/overlays/${env}`,
        ...tree.folders('applications').map((name) => `applications/${name}/overlays/${env}`),
      ],
    },
  ],
} satisfies Trees;
