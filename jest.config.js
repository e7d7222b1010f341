/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/sandbox/test/**/*.test.ts'],
  // These need more than npm installs: npm run test:cluster, test:facts, test:live, and scan.
  testPathIgnorePatterns: ['<rootDir>/test/(cluster|facts|live|scan)/'],
  transform: { '\\.ts$': '@sucrase/jest-plugin', '@actions/expressions/.*\\.js$': '@sucrase/jest-plugin' },
  // An ES module, which jest does not load as it is.
  transformIgnorePatterns: ['/node_modules/(?!@actions/expressions/)'],
  moduleNameMapper: { '^@actions/expressions$': '<rootDir>/node_modules/@actions/expressions/dist/index.js' },
  modulePathIgnorePatterns: ['<rootDir>/\\.sandbox', '<rootDir>/cdktf\\.out', '<rootDir>/sandbox/dist'],
  testTimeout: 30_000,
  // Many tests wait for terraform and kubectl: on two cores the default, one worker, would leave one idle.
  maxWorkers: '100%',
  // What earlier suites have left in a worker slows the garbage collection of later ones down.
  workerIdleMemoryLimit: '1GB',
};
