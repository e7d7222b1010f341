export { type CommandOptions, type Finished, run } from '../terraform/process';
