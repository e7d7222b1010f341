/*
 * Transforms TypeScript when it is required, as sucrase/register/ts does, and keeps what V8 compiled of every module in
 * .cache/: compiling the bindings of the providers takes most of a synthesis. A module is known by the hash of its whole
 * text, never by its age, so that an edit can never be missed. Without a cache, or with a broken one, all works as well.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { basename, dirname, extname, join, relative, sep } = require('node:path');
const { deserialize, serialize } = require('node:v8');
const { Script } = require('node:vm');

/**
 * V8 takes nothing that another version of it compiled; node versions side by side do not fight over one file. Each command
 * has a file of its own, so that a synthesis reads no more than it needs.
 */
const COMMAND = existsSync(process.argv[1] ?? '') ? basename(process.argv[1], '.ts') : 'eval';
const FILE = join(__dirname, '.cache', `modules-${process.version}-${COMMAND}`);

const CHECKSUM_BYTES = 20;

/** A source map that is the rest of a file: the larger part of a binding, and V8 would keep it. */
const SOURCE_MAP = '\n//# sourceMappingURL=data:';

/** What decides, beside its text, how a module is compiled. */
const COMPILER = Buffer.concat([readFileSync(__filename), Buffer.from(require('sucrase/package.json').version)]);

const known = read();
const loaded = new Map();
let changed = false;

const ordinary = Module._extensions['.js'];
for (const extension of ['.js', '.ts']) Module._extensions[extension] = compile;

// Not there yet while its own file is compiled.
const fast = { lazily: (_, __, load) => load() };
const { lazily } = require('./stacks/fast-synthesis.ts');
fast.lazily = lazily;

process.on('exit', () => {
  if (changed) write();
});

/** Runs the module in a file, as node's own loader does for CommonJS. */
function compile(module, filename) {
  const source = withoutMap(readFileSync(filename));
  if (!filename.endsWith('.ts') && isForNode(filename, source)) return ordinary(module, filename);
  const hash = createHash('sha1').update(COMPILER).update(source).digest('base64');
  const key = keyOf(filename);
  const before = known.get(key);
  const same = before?.hash === hash ? before : undefined;
  const text = same?.text ?? (extname(filename) === '.ts' ? transform(source.toString(), filename) : undefined);
  const code = Module.wrap(text ?? source.toString().replace(/^#!/, '//'));
  const script = new Script(code, { filename, cachedData: same?.code });
  const fresh = same !== undefined && !script.cachedDataRejected;
  changed ||= !fresh;
  // At the end: only then does it hold the functions that were called.
  loaded.set(key, () => (fresh ? same : { hash, text, code: script.createCachedData() }));
  const { exports } = module;
  script.runInThisContext().call(exports, exports, requireOf(module), module, filename, dirname(filename));
}

/** Its path in the checkout or from its `node_modules` on, so that another checkout may use the same file. */
function keyOf(filename) {
  const parts = filename.split(`${sep}node_modules${sep}`);
  return parts.length > 1 ? join('node_modules', ...parts.slice(1)) : relative(__dirname, filename);
}

/** An ES module, and one that imports such modules later: a kept script has no loader for them. */
function isForNode(filename, source) {
  return filename.endsWith('.mjs') || source.includes('import(') || source.includes('\nexport {');
}

/** What a module knows as `require`. */
function requireOf(module) {
  const { _cache: cache, _extensions: extensions } = Module;
  const resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  const load = (id) => fast.lazily(module.filename, id, () => module.require(id));
  return Object.assign(load, { resolve, main: process.mainModule, extensions, cache });
}

function withoutMap(source) {
  const end = source.lastIndexOf(SOURCE_MAP);
  return end >= 0 && source.indexOf('\n', end + 1) < 0 ? source.subarray(0, end) : source;
}

function transform(text, filePath) {
  // As tests transform it: node knows all of the language, and what replaces `?.` and `??` elsewhere is slow.
  const options = { transforms: ['imports', 'typescript'], disableESTransforms: true, filePath };
  return require('sucrase').transform(text, options).code;
}

/** V8 crashes on what it has not written itself: a file that was damaged must not get that far. */
function read() {
  try {
    const file = readFileSync(FILE);
    const [sum, content] = [file.subarray(0, CHECKSUM_BYTES), file.subarray(CHECKSUM_BYTES)];
    return checksum(content).equals(sum) ? deserialize(content) : new Map();
  } catch {
    return new Map();
  }
}

function checksum(content) {
  return createHash('sha1').update(content).digest();
}

function write() {
  for (const [key, entry] of loaded) known.set(key, entry());
  try {
    mkdirSync(dirname(FILE), { recursive: true });
    const content = serialize(known);
    writeFileSync(`${FILE}.${process.pid}`, Buffer.concat([checksum(content), content]));
    renameSync(`${FILE}.${process.pid}`, FILE);
  } catch {
    // A folder that cannot be written only costs time.
  }
}
