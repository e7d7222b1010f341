import { workerData } from 'node:worker_threads';
import type { Json } from '../json';
import { validate } from './validate';

// The validators are ESM, which jest cannot load and Node can: so they live in a thread, and each question is answered at once.
workerData.port.on('message', (objects: Json[]) => {
  const answer = (() => {
    try {
      return { findings: objects.map(validate) };
    } catch (error) {
      return { error };
    }
  })();
  workerData.port.postMessage(answer);
  Atomics.store(workerData.answered, 0, 1);
  Atomics.notify(workerData.answered, 0);
});
