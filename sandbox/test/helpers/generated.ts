import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodeMaker, TerraformProviderGenerator } from '@cdktf/provider-generator/lib/index';
import { readSources } from '../../protocol/schema/installed';

/** What `terraform providers schema -json` prints. */
export type PrintedSchemas = ConstructorParameters<typeof TerraformProviderGenerator>[1];

/** Runs CDKTF's own generator over printed schemas. Returns the folder that holds `providers/<name>/`. */
export async function generateBindings(schemas: PrintedSchemas): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bindings-'));
  for (const [name, schema] of Object.entries(schemas.provider_schemas ?? {})) {
    const generator = new TerraformProviderGenerator(new CodeMaker(), {
      ...schemas,
      provider_schemas: { [name]: schema },
    });
    generator.generateAll();
    await generator.save(folder);
  }
  return folder;
}

/** What the generator wrote for one resource, without what a schema cannot bring back: prose and version numbers. */
export function generatedCode(folder: string): string {
  return withoutProse(readFileSync(join(folder, 'index.ts'), 'utf8'));
}

/** The same of the installed package. */
export function installedCode(folder: string): string {
  return withoutProse(readSources(folder)[0] ?? '');
}

function withoutProse(code: string): string {
  return code
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/^\/\/ https:.*$/gm, '')
    .replace(/^.*(providerVersion|providerName|terraformProviderSource).*$/gm, '')
    .replace(/terraformGeneratorMetadata: \{\s*\},/g, '')
    .replace(/^\s*\n/gm, '')
    .replace(/[ \t]+$/gm, '');
}
