import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Json } from '../json';
import type { Finding } from '../schemas/validate';
import type { Check } from './problem';

/** Milliseconds that a thread may take to start and to answer; it needs less than one second. */
const PATIENCE = 20_000;

let ask: ReturnType<typeof start> | undefined;

/** Every object matches the schema of its kind: types, formats, required fields, and no unknown fields. */
export const schemas: Check = (objects) => {
  ask ??= start();
  const findings = ask(objects);
  return objects.flatMap((object, index) => (findings[index] ?? []).map((finding) => ({ object, ...finding })));
};

/** A worker thread that validates objects one by one. */
function start(): (objects: readonly Json[]) => Finding[][] {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(join(__dirname, '../schemas/thread.ts'), {
    // By its path: the working directory may have no packages.
    execArgv: ['-r', require.resolve('sucrase/register/ts')],
    workerData: { port: port2, answered },
    transferList: [port2],
  });
  thread.unref();
  return (objects) => {
    Atomics.store(answered, 0, 0);
    port1.postMessage(objects);
    if (Atomics.wait(answered, 0, 0, PATIENCE) === 'timed-out')
      throw new Error(
        `the schema validator did not answer within ${PATIENCE / 1000} s; try again when the machine is less busy`,
      );
    const { findings, error } = receiveMessageOnPort(port1)?.message ?? {};
    if (error) throw error;
    return findings;
  };
}
