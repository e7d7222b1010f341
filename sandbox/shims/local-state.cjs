// Keeps what terraform writes next to a configuration in the sandbox's directory. Called by the terraform shim.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { basename, dirname, join, relative, resolve, sep } = require('node:path');

const sandbox = process.env.STRATA_SANDBOX_DIRECTORY;
const states = join(sandbox, 'states');

/** What terraform writes into a working folder. The mirror has its own. */
const WRITTEN = /^(\.terraform|\.terraform\.lock\.hcl|\.?terraform\.tfstate.*|.*\.tfstate|errored\.tfstate)$/;

/**
 * Makes the mirror of the working folder and prints it: a folder of links. Folders above it are mirrored too, so that
 * `../modules` is found, and so that none of them is written to either.
 */
function mirror() {
  const folder = fs.realpathSync('.');
  let real = '/';
  let copy = join(sandbox, 'folders');
  for (const name of [...folder.split(sep).slice(1), '']) {
    link(real, copy, name);
    real = join(real, name);
    copy = join(copy, name);
  }
  process.stdout.write(copy);
}

/** Fills a folder of the mirror with links to all that the real one holds, but for `except`, which is mirrored itself. */
function link(real, copy, except) {
  // The mirror of a neighbour may have linked it.
  if (fs.lstatSync(copy, { throwIfNoEntry: false })?.isSymbolicLink()) fs.unlinkSync(copy);
  fs.mkdirSync(copy, { recursive: true, mode: 0o700 });
  const names = new Set(list(real).filter((name) => !WRITTEN.test(name)));
  for (const { name } of fs.readdirSync(copy, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())) {
    if (!names.has(name)) fs.unlinkSync(join(copy, name));
  }
  for (const name of names) {
    if (name !== except && !fs.lstatSync(join(copy, name), { throwIfNoEntry: false })) {
      fs.symlinkSync(join(real, name), join(copy, name));
    }
  }
}

/** A folder above the working folder may be closed to us; nothing in it is needed then. */
function list(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Redirects the local state of an initialised folder into the sandbox's directory, unless it is there. */
function redirect(command) {
  const file = join('.terraform', 'terraform.tfstate');
  const { config } = JSON.parse(fs.readFileSync(file, 'utf8')).backend;
  // terraform would ask what to do about the path that it was given here.
  if (command === 'init') return isInside(config.path, states) && fs.rmSync(file);
  const elsewhere = ['path', 'workspace_dir'].filter((key) => config[key] && !isInside(config[key], sandbox));
  if (elsewhere.length === 0) return;
  const settings = elsewhere.map((key) => `-backend-config=${key}=${join(states, resolve(config[key]))}`);
  const init = ['init', '-reconfigure', '-input=false', '-no-color', ...settings];
  const { status } = spawnSync(process.env.STRATA_SANDBOX_TERRAFORM, init, { stdio: ['ignore', 'ignore', 'inherit'] });
  process.exitCode = status ?? 1;
}

/** Whether a path, which need not exist, leads into a folder once all links are followed. */
function isInside(path, folder) {
  if (!path) return false;
  let existing = resolve(path);
  const missing = [];
  while (!fs.existsSync(existing)) {
    missing.unshift(basename(existing));
    existing = dirname(existing);
  }
  return !relative(folder, join(fs.realpathSync(existing), ...missing)).startsWith('..');
}

const [task, command] = process.argv.slice(2);
if (task === 'mirror') mirror();
else redirect(command);
