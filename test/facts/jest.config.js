/** @type {import('jest').Config} What holds the simulated providers against the real ones' tables and plans. */
module.exports = {
  ...require('../base.config.js'),
  rootDir: '../..',
  testMatch: ['<rootDir>/test/facts/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 120_000,
  verbose: true,
};
