/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/sandbox/test/**/*.test.ts'],
  // These need a real API server, or tables of the real providers: npm run test:cluster, npm run test:facts.
  testPathIgnorePatterns: ['<rootDir>/test/cluster/', '<rootDir>/test/facts/'],
  transform: { '\\.ts$': '@sucrase/jest-plugin' },
  modulePathIgnorePatterns: ['<rootDir>/\\.sandbox', '<rootDir>/cdktf\\.out'],
  testTimeout: 30_000,
  // Many tests wait for terraform and kubectl: on two cores the default, one worker, would leave one idle.
  maxWorkers: '100%',
};
