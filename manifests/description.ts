import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { transform } from 'sucrase';
import { UsageError } from '../errors';
import type { Platform } from '../platforms/schema/form';
import { PlatformError } from '../platforms/schema/problems';
import type { Scaffold } from '../platforms/schema/scaffold';
import type { Trees } from '../platforms/schema/trees';

/** Path of the file that describes a platform, from the root of the repository. */
export function sourceOf(platform: string): string {
  return `platforms/${platform}/platform.ts`;
}

/**
 * The platform that the source text of its file describes. The text need not be saved.
 *
 * @throws {PlatformError} with all problems of the description.
 */
export function platformFrom(name: string, text: string): Platform {
  const { default: platform } = moduleFrom<Platform>(name, sourceOf(name), text);
  if (!platform?.environments)
    throw new PlatformError(`platform "${name}"`, [
      `${sourceOf(name)}: got no default export; write \`export default definePlatform({ ... })\``,
    ]);
  return platform;
}

/** The description of a platform's trees. @throws {UsageError} when its `trees.ts` is missing or not usable. */
export function treesFrom(root: string, name: string): Trees {
  const file = `platforms/${name}/trees.ts`;
  const { default: trees } = moduleFrom<Trees>(name, file, textOf(root, file), root);
  if (typeof trees?.deployments === 'function') return trees;
  throw new UsageError(`${file}: got no default export with \`deployments\`; export what interface Trees asks for`);
}

/** How services are written into a platform's tree, or undefined if it has no `scaffold.ts`. @throws {UsageError} when it is not usable. */
export function scaffoldFrom(root: string, name: string): Scaffold | undefined {
  const file = `platforms/${name}/scaffold.ts`;
  if (!existsSync(join(root, file))) return undefined;
  const { default: scaffold } = moduleFrom<Scaffold>(name, file, textOf(root, file), root);
  if (typeof scaffold?.service === 'function') return scaffold;
  throw new UsageError(`${file}: got no default export with \`service\`; export what interface Scaffold asks for`);
}

/**
 * Evaluates a module of a platform's folder as Node.js evaluates CommonJS. The schema and packages come from this repository,
 * so that a copy of `platforms/` in another folder needs neither.
 *
 * @param root - where other modules of the platform's folder are. @default - this repository
 */
function moduleFrom<T>(name: string, file: string, text: string, root?: string): { readonly default?: T } {
  const sibling = (id: string) => `platforms/${name}/${id.slice(2)}.ts`;
  try {
    const { code } = transform(text, { transforms: ['typescript', 'imports'], filePath: file });
    const module: { exports: { default?: T } } = { exports: {} };
    const load = (id: string) =>
      root !== undefined && id.startsWith('./')
        ? moduleFrom(name, sibling(id), textOf(root, sibling(id)), root)
        : require(id.startsWith('.') ? join(__dirname, '../platforms', name, id) : id);
    compileFunction(code, ['require', 'module', 'exports'], { filename: file })(load, module, module.exports);
    return module.exports;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: could not be evaluated: ${(error as Error).message ?? error}; correct the file`);
  }
}

function textOf(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    throw new UsageError(
      `${file}: could not be read: ${(error as Error).message}; create it as that of another platform`,
    );
  }
}
