import { definePlatform, type EnvironmentDescription, type Platform } from '../schema/define-platform';

/** Both environments run on one cluster, in separate namespaces. */
const cluster = {
  kind: 'kubeconfig',
  context: 'techtorque',
  architecture: 'amd64',
  storageClass: 'local-path',
} as const satisfies EnvironmentDescription['cluster'];

/** The CI of each service commits the tag to the environment's branch, if deploy-control.yaml allows it. */
const delivery = {
  kind: 'config-repository',
  lock: false,
  gate: true,
} as const satisfies EnvironmentDescription['delivery'];

/** A service in a separate repository. */
const service = (image: string, port: number, repository: string) =>
  ({
    image,
    port,
    source: `https://github.com/TechTorque-2025/${repository}.git`,
  }) satisfies Partial<Platform['services'][string]>;

/** techtorque: a front end, a gateway, an agent and eight Spring Boot services, each in a separate repository. */
export default definePlatform({
  name: 'techtorque',
  google: { project: 'techtorque-2025', region: 'us-east1', zone: 'us-east1-b' },
  registry: { kind: 'ghcr', owner: 'techtorque-2025' },
  tags: 'branch-sha',
  repository: {
    url: 'https://github.com/TechTorque-2025/k8s-config.git',
    branch: 'main',
    path: 'k8s/techtorque/overlays/<env>',
    commits: 'chore',
  },
  namespace: 'default',
  state: { kind: 'gcs', bucket: 'techtorque-2025-strata-state', prefix: 'techtorque/<env>/<layer>/state' },
  environments: {
    prod: { cluster, delivery, application: 'techtorque-services-prod' },
    dev: { cluster, delivery, namespace: 'dev', branch: 'dev', application: 'techtorque-services-dev' },
  },
  services: {
    admin: service('admin', 8087, 'Admin_Service'),
    'agent-bot': service('agent-bot', 8091, 'Agent_Bot'),
    'api-gateway': service('api-gateway', 8080, 'API_Gateway'),
    appointment: service('appointment', 8083, 'Appointment_Service'),
    authentication: service('authentication', 8081, 'Authentication'),
    'frontend-web': service('frontend-web', 3000, 'Frontend_Web'),
    notification: service('notification', 8088, 'Notification_Service'),
    payment: service('payment', 8086, 'Payment_Service'),
    project: service('project', 8084, 'Project_Service'),
    'time-logging': service('time-logging', 8085, 'Time_Logging_Service'),
    vehicle: service('vehicle', 8082, 'Vehicle_Service'),
  },
  secrets: [
    'jwt-secret',
    'gemini-api-key',
    'postgres-postgres',
    'postgres-admin',
    'postgres-appointment',
    'postgres-authentication',
    'postgres-notification',
    'postgres-payment',
    'postgres-project',
    'postgres-time-logging',
    'postgres-vehicle',
  ],
});
