import { healthOf } from '../../../kubernetes/argocd/health';
import { object, startCluster } from '../ground';

const [earlier, later] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

describe('a CronJob', () => {
  test.each([
    ['that was never due is healthy', {}, 'Healthy'],
    ['that never succeeded is healthy', { lastScheduleTime: later }, 'Healthy'],
    ['whose last Job succeeded is healthy', { lastScheduleTime: earlier, lastSuccessfulTime: later }, 'Healthy'],
    [
      'whose last Job did not succeed is degraded',
      { lastScheduleTime: later, lastSuccessfulTime: earlier },
      'Degraded',
    ],
    [
      'whose last Job is running is healthy',
      { lastScheduleTime: later, lastSuccessfulTime: earlier, active: [{}] },
      'Healthy',
    ],
  ])('%s', (_, status, health) => {
    const cronJob = object('batch/v1', 'CronJob', 'backup', { spec: {}, status });
    expect(healthOf(cronJob, startCluster().cluster)?.status).toBe(health);
  });
});
