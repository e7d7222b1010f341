import { Fuse, type Moment } from './fuse';
import { Scene } from './scene';

const [FIRST, SECOND] = ['main-aaaaaaa', 'main-bbbbbbb'];

/** A command that delivers, from the same beginning. */
export type Command = 'ship' | 'rollback';

/** What a delivery leaves: the file, the commits on the branch, and the tags of the registry. */
interface End {
  readonly file: string | undefined;
  readonly subjects: readonly string[];
  readonly deployed: string | undefined;
  readonly pinned: string | undefined;
}

/** The end of a command that nothing kills, and how many calls it makes to the outside. */
export async function undisturbed(command: Command, folder: string): Promise<{ end: End; calls: number }> {
  const scene = await open(command, folder);
  try {
    const fuse = new Fuse(0, 'before');
    await run(scene, command, fuse);
    return { end: await endOf(scene), calls: fuse.calls };
  } finally {
    await scene.close();
  }
}

/** Kills a command at one call, frees its lock as the runbook says, and runs it again. @returns the end */
export async function killedAt(command: Command, at: number, moment: Moment, folder: string): Promise<End> {
  const scene = await open(command, folder);
  try {
    const fuse = new Fuse(at, moment);
    const ended = await Promise.race([fuse.died, run(scene, command, fuse).then(() => 'done', String)]);
    if (ended !== 'died') throw new Error(`${command} was not killed at call ${at}: ${ended}`);
    await scene.breakLock();
    await run(scene, command);
    return await endOf(scene);
  } finally {
    await scene.close();
  }
}

async function open(command: Command, folder: string): Promise<Scene> {
  const [platform, env, service] = ['techtorque', 'prod', 'time-logging'];
  const image = `ghcr.io/techtorque-2025/${service}`;
  const scene = await Scene.open({ platform, env, service, image, tag: FIRST, approved: [SECOND] }, folder);
  scene.push(SECOND);
  if (command === 'rollback') await scene.ship(SECOND);
  return scene;
}

function run(scene: Scene, command: Command, fuse?: Fuse): Promise<unknown> {
  return command === 'ship' ? scene.ship(SECOND, fuse) : scene.rollBack(FIRST, fuse);
}

async function endOf(scene: Scene): Promise<End> {
  const [deployed, pinned] = [await scene.digestOf('deployed-prod'), await scene.digestOf('pinned-prod')];
  return { file: await scene.file(), subjects: await scene.subjects(), deployed, pinned };
}
