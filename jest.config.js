const { availableParallelism } = require('node:os');
const base = require('./test/base.config.js');

/**
 * What takes a whole environment through many commands, each with the real terraform, git and kubectl, for a minute or more:
 * `npm run test:end-to-end`. `npm test` has one such path for each platform, in suites that are not named here.
 */
const END_TO_END = [
  'test/bootstrap/empty-project.test.ts',
  'sandbox/test/foreign.test.ts',
  'test/delivery/push-apply/real-estate.test.ts',
  'test/delivery/ship/threads.test.ts',
  'test/delivery/ship/todo-platform.test.ts',
  'test/incidents/virtual-machine.test.ts',
  'test/rehearsal/chaos/converge.test.ts',
  'test/rehearsal/checks.test.ts',
  'test/rehearsal/environments.test.ts',
  'test/scripts/restore.test.ts',
  'test/scripts/sandbox-sentinel.test.ts',
  'test/scripts/sandbox-state.test.ts',
  'test/scripts/sandbox.test.ts',
].map(inRoot);

/** What tries every case of something, for minutes: `npm run test:exhaustive`. */
const EXHAUSTIVE = [
  'test/delivery/lock/schedules.test.ts',
  'test/rehearsal/change/changes.test.ts',
  'test/scripts/hostile-arguments.test.ts',
].map(inRoot);

/** These need more than npm installs: npm run test:cluster, test:facts, test:live, and scan. */
const LANES = '<rootDir>/test/(cluster|facts|live|scan)/';

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...base, displayName: 'tests', testPathIgnorePatterns: [LANES, ...END_TO_END, ...EXHAUSTIVE] },
    { ...base, displayName: 'end-to-end', testMatch: END_TO_END },
    { ...base, displayName: 'exhaustive', testMatch: EXHAUSTIVE },
  ],
  // Jest reads the time limit of a project only here.
  testTimeout: base.testTimeout,
  // Many tests wait for terraform, git and kubectl: on two cores the default, one worker, would leave one idle.
  maxWorkers: availableParallelism() + 1,
  // What earlier suites have left in a worker slows the garbage collection of later ones down.
  workerIdleMemoryLimit: '1GB',
};

/** @param {string} path */
function inRoot(path) {
  return `<rootDir>/${path}`;
}
