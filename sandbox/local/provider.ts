import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import {
  type Context,
  type DataBehaviour,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { isUnknown, type Values } from '../protocol/values';

const ARGUMENTS = [
  'content',
  'content_base64',
  'sensitive_content',
  'source',
  'filename',
  'file_permission',
  'directory_permission',
];

/** The simulated local provider: its files are real, and only below terraform's folder, the sandbox's HOME or the system's temp folder. */
export function localProvider(): ProviderBehaviour {
  return {
    name: 'local',
    source: 'hashicorp/local',
    resources: [
      file('local_file', '0777', ['sensitive_content']),
      file('local_sensitive_file', '0700', ['content', 'content_base64']),
    ],
    data: [reading('local_file'), reading('local_sensitive_file', ['content', 'content_base64'])],
  };
}

function file(type: string, permission: string, sensitive: readonly string[]): ResourceBehaviour {
  const names = type === 'local_file' ? ARGUMENTS : ARGUMENTS.filter((name) => name !== 'sensitive_content');
  return {
    type,
    sensitive,
    arguments: Object.fromEntries(names.map((name) => [name, 'replace' as const])),
    plan(planned) {
      const contents = ['content', 'sensitive_content', 'content_base64', 'source'];
      if (contents.filter((name) => (planned[name] ?? null) !== null).length !== 1) {
        throw new ProviderError('Invalid Attribute Combination', `exactly one of ${contents.join(', ')} must be set`);
      }
      const open = ['file_permission', 'directory_permission'].filter((name) => isUnknown(planned[name]));
      return { ...planned, ...Object.fromEntries(open.map((name) => [name, permission])) };
    },
    async create(planned, context) {
      const path = writable(planned, context);
      const content = contentOf(planned, context);
      mkdirSync(dirname(path), { recursive: true, mode: modeOf(planned, 'directory_permission') });
      writeFileSync(path, content);
      chmodSync(path, modeOf(planned, 'file_permission'));
      const values = { ...planned, ...hashes(content) };
      return { key: String(values['id']), values };
    },
    async read(key, prior, context) {
      const content = contentAt(pathOf(prior, context));
      return content && sha(content, 'sha1', 'hex') === key ? prior : null;
    },
    update: async (_key, _prior, planned) => planned,
    delete: async (_key, prior, context) => rmSync(writable(prior, context), { force: true }),
  };
}

function reading(type: string, sensitive?: readonly string[]): DataBehaviour {
  return {
    type,
    sensitive,
    arguments: { filename: 'in-place' },
    async read(config, context) {
      const content = contentAt(pathOf(config, context));
      if (!content)
        throw new ProviderError('Read local file data source error', `${String(config['filename'])}: no such file`);
      return { ...config, ...hashes(content), content: content.toString(), content_base64: content.toString('base64') };
    },
  };
}

function pathOf(values: Values, context: Context): string {
  const name = String(values['filename']);
  return isAbsolute(name) ? name : resolve(folderOf(context, name), name);
}

function folderOf({ folders }: Context, name: string): string {
  const [folder, ...others] = folders?.() ?? [];
  if (folder && others.length === 0) return folder;
  throw new ProviderError(
    `the sandbox cannot tell which folder ${name} is in`,
    'It does not see where terraform runs, or terraform runs in several folders at once. Give an absolute path: abspath(...).',
  );
}

/** A path that the sandbox may write to. @throws ProviderError for any other */
function writable(values: Values, context: Context): string {
  const path = pathOf(values, context);
  const roots = [...(context.folders?.() ?? []), context.home, tmpdir()];
  const isBelow = (root: string) => !relative(root, path).startsWith('..') && !isAbsolute(relative(root, path));
  if (roots.some(isBelow)) return path;
  throw new ProviderError(
    `the sandbox does not write to ${path}`,
    `It writes below ${roots.join(', ')} only, so that nothing outside of the rehearsal changes.`,
  );
}

function contentOf(values: Values, context: Context): Buffer {
  const { content, sensitive_content: secret, content_base64: encoded, source } = values;
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64');
  if (typeof source === 'string') return readFileSync(pathOf({ filename: source }, context));
  return Buffer.from(String(content ?? secret ?? ''));
}

function contentAt(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function modeOf(values: Values, name: string): number {
  return Number.parseInt(String(values[name]), 8);
}

function hashes(content: Buffer): Values {
  return {
    id: sha(content, 'sha1', 'hex'),
    content_md5: sha(content, 'md5', 'hex'),
    content_sha1: sha(content, 'sha1', 'hex'),
    content_sha256: sha(content, 'sha256', 'hex'),
    content_sha512: sha(content, 'sha512', 'hex'),
    content_base64sha256: sha(content, 'sha256', 'base64'),
    content_base64sha512: sha(content, 'sha512', 'base64'),
  };
}

function sha(content: Buffer, algorithm: string, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(content).digest(encoding);
}
