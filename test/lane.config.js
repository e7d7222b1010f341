/** @type {import('jest').Config} Lanes that need more than `npm test`, such as scanners or a control plane, one file after the other. */
module.exports = {
  ...require('./base.config.js'),
  rootDir: '..',
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
  maxWorkers: 1,
  verbose: true,
};
