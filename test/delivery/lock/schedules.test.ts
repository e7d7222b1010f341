import { deploying, LOCK, MAIN, type Script } from '../../../bench/delivery/client';
import { Explorer } from '../../../bench/delivery/explore';
import { EXPLORED, RealRepository, randomSchedules, seeded } from '../../../bench/delivery/schedules';
import { BOT } from '../../../delivery/git/bot';
import { formatRecord, parseRecord } from '../../../delivery/lock/record';

test.each(Object.entries(EXPLORED))(
  'no schedule of %s breaks the lock',
  async (name, exploration) => {
    const { states, transitions, endings } = await new Explorer(exploration).all();
    console.info(`${name}: ${states} states, ${transitions} transitions, ${endings.size} combinations of endings`);
    const reached = [...endings.keys()].join(' ');
    // A model in which nothing goes wrong would prove nothing.
    for (const ending of ['written', 'refused', 'lost']) expect(reached).toContain(ending);
    expect(states).toBeGreaterThan(1000);
  },
  120_000,
);

describe('a lock that is not safe is found', () => {
  const brief = deploying(false);
  const explore = (careless: Script) => new Explorer({ clients: [careless, brief], losses: 0, pauses: 1 }).all();

  test('because its writes leave the lock ref where it is', async () => {
    const careless: Script = (client, store, world) =>
      brief(client, store, {
        ...world,
        push: (updates) => world.push(updates.length > 1 ? updates.filter(({ ref }) => ref === MAIN) : updates),
      });
    await expect(explore(careless)).rejects.toThrow(/wrote without the lock/);
  });

  test('because its writes expect whatever is there', async () => {
    const careless: Script = (client, store, world) =>
      brief(client, store, {
        ...world,
        push: async (updates) => {
          const now = await world.read(updates.map(({ ref }) => ref));
          return world.push(updates.map((update) => ({ ...update, expected: now[update.ref] ?? null })));
        },
      });
    await expect(explore(careless)).rejects.toThrow();
  });

  test('because its clean-up frees the lock of somebody else', async () => {
    const careless: Script = async (client, store, world) => {
      const { [LOCK]: held = null } = await world.read([LOCK]);
      if (!held) return brief(client, store, world);
      const record = parseRecord(await store.message(held));
      const message = formatRecord('platform-prod', { ...record, state: 'free', counter: record.counter + 1 });
      const next = await store.commit({ parent: held, author: BOT, date: new Date(0), message, files: 'empty' });
      await world.push([{ ref: LOCK, expected: held, next }]);
      return 'refused';
    };
    await expect(explore(careless)).rejects.toThrow(/moved the lock of client-1|freed the lock of client-1/);
  });
});

test('schedules end on a real repository as they do in memory', async () => {
  const repository = await RealRepository.open(3);
  try {
    for (const schedule of await randomSchedules(4, seeded(1))) {
      const { endings, lines } = await repository.run(schedule);
      expect(endings).toEqual(schedule.endings);
      const written = endings.flatMap((ending, client) =>
        ['written', 'lost-after'].includes(ending) ? [`client-${client}`] : [],
      );
      expect(lines.sort()).toEqual(written);
    }
  } finally {
    repository.close();
  }
}, 60_000);
