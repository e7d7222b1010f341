import { misspelt } from '../nearest';
import { CloudError } from './cloud-error';
import { names } from './known-services.json';

/**
 * Refuses a service whose name is a misspelling of one that exists. The list is not complete: any other name is accepted.
 *
 * @param service - `compute.googleapis.com`.
 * @throws CloudError with the message of Service Usage.
 */
export function refuseUnknownService(service: string): void {
  const short = service.replace(/\.googleapis\.com$/, '');
  const meant = misspelt(short, names);
  if (!meant && short !== service) return;
  if (!meant && service.includes('.')) return;
  throw new CloudError(
    {
      status: 403,
      reason: 'SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED',
      message: `Not found or permission denied for service(s): ${service}.`,
    },
    `did you mean ${meant ?? short}.googleapis.com?`,
  );
}
