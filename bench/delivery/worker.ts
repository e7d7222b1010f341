import { STRATEGIES } from './strategies';

/** One process of the contention: strategy, folder and index are its arguments. It begins when it reads a line. */
async function main([strategy = '', folder = '', index = '']: readonly string[]): Promise<void> {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.unref();
  await STRATEGIES[strategy]?.({ folder, index: Number(index) });
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
