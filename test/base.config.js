/** @type {import('jest').Config} What all tests have in common. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/sandbox/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/setup.ts',
  globalTeardown: '<rootDir>/test/teardown.ts',
  setupFiles: ['<rootDir>/test/stack-traces.js'],
  transform: { '\\.ts$': '@sucrase/jest-plugin', '@actions/expressions/.*\\.js$': '@sucrase/jest-plugin' },
  // An ES module, which jest does not load as it is.
  transformIgnorePatterns: ['/node_modules/(?!@actions/expressions/)'],
  moduleNameMapper: {
    '^@actions/expressions$': '<rootDir>/node_modules/@actions/expressions/dist/index.js',
    // cdktf captures a stack trace for each token, and jest looks each of its frames up in source maps.
    '^\\.(/tokens)?(/private)?/stack-trace$': '<rootDir>/test/helpers/no-stack-trace.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/\\.sandbox', '<rootDir>/cdktf\\.out', '<rootDir>/sandbox/dist'],
  testTimeout: 30_000,
};
