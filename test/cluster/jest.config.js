/** @type {import('jest').Config} What runs against a real API server, one file after the other: they share it. */
module.exports = {
  ...require('../base.config.js'),
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster/**/*.test.ts'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/cluster/setup.ts',
  globalTeardown: '<rootDir>/test/cluster/teardown.ts',
  testTimeout: 300_000,
  maxWorkers: 1,
  verbose: true,
};
