import type { Faults } from '../faults';
import { CloudError } from '../google/cloud-error';
import { sendGoogleError } from '../google/rest/error';
import { type Handler, urlOf } from '../http';

/** Refuses writes of terraform states while the faults of the sandbox say so, with the message of Cloud Storage. */
export function refuseStateWrites(faults: Faults): Handler {
  return (request, response) => {
    const { pathname, searchParams: query } = urlOf(request);
    const isUpload = request.method === 'POST' && pathname.startsWith('/upload/storage/v1/b/');
    if (!faults.refuseStateWrites || !isUpload || !query.get('name')?.endsWith('.tfstate'))
      return Promise.resolve(false);
    const message = `Permission 'storage.objects.create' denied on resource '${query.get('name')}' (or it may not exist).`;
    request.resume();
    sendGoogleError(response, new CloudError({ status: 403, reason: 'forbidden', message }));
    return Promise.resolve(true);
  };
}
