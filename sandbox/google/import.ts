import type { Context } from '../protocol/behaviour';
import type { CloudObject } from '../world';
import { find } from './references';
import type { GoogleResource } from './resource-type';
import { text } from './values';

/**
 * What an import id names: the whole key, its variable parts from the right (`zone/name`, `name`; spaces before a role and
 * a member), or what the resource shows as its id or name.
 */
export function importable(spec: GoogleResource, id: string, { world, provider }: Context): CloudObject | undefined {
  const plain = id.replace(/^https:\/\/[^/]+\/compute\/v1\//, '').replace(/^\/\/[^/]+\//, '');
  const shows = ({ values }: CloudObject) => [values['id'], values['name'], values['email']].includes(plain);
  const known = find(world, spec.type, plain) ?? world.list(spec.type).find(shows);
  if (known) return known;
  const constants = spec.key.split('/').filter((part) => !part.includes('{'));
  const names = [...spec.key.matchAll(/\{([\w#]+)\}/g)].map(([, name = '']) => name);
  const [path = '', ...grant] = plain.split(' ');
  const variable = path.split('/').filter((part) => !constants.includes(part));
  const parts = [...(variable.length + grant.length > names.length ? [path] : variable), ...grant];
  if (parts.length > names.length) return undefined;
  const offset = names.length - parts.length;
  const key = spec.key.replace(/\{([\w#]+)\}/g, (_, name: string) => {
    const index = names.indexOf(name) - offset;
    return index >= 0 ? (parts[index] ?? '') : text(provider, name);
  });
  const withName = (object: CloudObject) => object.values['email'] === parts.at(-1);
  return find(world, spec.type, key) ?? world.list(spec.type).find(withName);
}
