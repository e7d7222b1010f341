import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deriveSchema, type Kind } from './derive';
import type { Fields } from './field';

/**
 * The schemas of one installed `@cdktf/provider-<name>` package. Derived schemas are kept in `node_modules/.cache`,
 * where that can be written: reading them back takes milliseconds, deriving forty takes a second.
 */
export class InstalledSchemas {
  private readonly folder: string;
  private readonly cacheFile: string;
  private readonly cached: Record<string, Fields>;
  private isStale = false;

  /**
   * @param name - the provider, such as `google`. Throws when its package is not installed.
   * @param cache - folder of the cache. Default: `node_modules/.cache/strata` next to the package.
   */
  constructor(
    private readonly name: string,
    cache?: string,
  ) {
    this.folder = packageFolder(name);
    const { version } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')) as { version: string };
    const rules = createHash('sha256').update(readFileSync(join(__dirname, `derive${__filename.slice(-3)}`)));
    const key = `${name}-${version}-${rules.digest('hex').slice(0, 8)}`;
    this.cacheFile = join(cache ?? join(this.folder, '..', '..', '.cache', 'strata'), `${key}.json`);
    this.cached = readCache(this.cacheFile);
  }

  /** The provider block. */
  provider(): Fields {
    return this.fields('provider', this.name, 'provider');
  }

  /** @param type - such as `google_compute_disk`. Throws when the package does not have it. */
  resource(type: string): Fields {
    const folder = kebab(type.slice(this.name.length + 1));
    // The generator renames what would be a reserved word: `time_static` is in `static-resource`.
    const renamed = `${folder}-resource`;
    return this.fields('resource', type, existsSync(join(this.folder, 'lib', renamed)) ? renamed : folder);
  }

  /** @param type - such as `google_compute_snapshot`. Throws when the package does not have it. */
  data(type: string): Fields {
    return this.fields('data', type, `data-${kebab(type)}`);
  }

  /** Writes what was derived since. A folder that cannot be written only costs time at the next start. */
  save(): void {
    if (!this.isStale) return;
    try {
      mkdirSync(dirname(this.cacheFile), { recursive: true });
      const temporary = `${this.cacheFile}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify(this.cached));
      renameSync(temporary, this.cacheFile);
      this.isStale = false;
    } catch {
      // Read-only, or removed under us: the next start derives again.
    }
  }

  private fields(kind: Kind, type: string, folder: string): Fields {
    const key = `${kind} ${type}`;
    let fields = this.cached[key];
    if (!fields) {
      const path = join(this.folder, 'lib', folder);
      if (!existsSync(join(path, 'index.js'))) {
        throw new Error(`@cdktf/provider-${this.name} has no ${kind} ${type}: ${join('lib', folder)} is not there`);
      }
      fields = deriveSchema(kind, readSources(path));
      this.cached[key] = fields;
      this.isStale = true;
    }
    return fields;
  }
}

/** The TypeScript that a folder of the package was compiled from. Large resources are split over `index-structs`. */
export function readSources(folder: string): string[] {
  const structs = join(folder, 'index-structs');
  const parts = existsSync(structs) ? readdirSync(structs).filter((file) => /^structs\d+\.js$/.test(file)) : [];
  return [join(folder, 'index.js'), ...parts.map((file) => join(structs, file))].map(readSource);
}

/** The version of the real provider that an installed package was generated from. */
export function providerVersion(name: string): string {
  const file = readFileSync(join(packageFolder(name), 'package.json'), 'utf8');
  return (JSON.parse(file) as { cdktf: { provider: { version: string } } }).cdktf.provider.version;
}

/** The folder of an installed provider package. */
export function packageFolder(name: string): string {
  return dirname(require.resolve(`@cdktf/provider-${name}/package.json`));
}

/** Compiled files lost the comments; their inline source maps hold the original. */
function readSource(file: string): string {
  const code = readFileSync(file, 'utf8');
  const marker = 'base64,';
  const map = Buffer.from(code.slice(code.lastIndexOf(marker) + marker.length), 'base64').toString();
  const [source] = (JSON.parse(map) as { sourcesContent: string[] }).sourcesContent;
  if (!source) throw new Error(`${file} has no source in its source map`);
  return source;
}

function readCache(file: string): Record<string, Fields> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Fields>;
  } catch {
    return {};
  }
}

function kebab(name: string): string {
  return name.replaceAll('_', '-');
}
