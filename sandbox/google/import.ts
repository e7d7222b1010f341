import type { Context } from '../protocol/behaviour';
import type { CloudObject } from '../world';
import { find } from './references';
import { type GoogleType, resourceName } from './resource-types';
import { text } from './values';

/**
 * What an import id names: the whole key, its variable parts from the right (`zone/name`, `name`; spaces before a role and
 * a member), or what the resource shows as its id or name.
 */
export function importable(type: GoogleType, id: string, { world, provider }: Context): CloudObject | undefined {
  const plain = id.replace(/^https:\/\/[^/]+\/compute\/v1\//, '').replace(/^\/\/[^/]+\//, '');
  const { key: template } = resourceName(type);
  const shows = ({ values }: CloudObject) => [values['id'], values['name'], values['email']].includes(plain);
  const known = find(world, type, plain) ?? world.list(type).find(shows);
  if (known) return known;
  const constants = template.split('/').filter((part) => !part.includes('{'));
  const names = [...template.matchAll(/\{([\w#]+)\}/g)].map(([, name = '']) => name);
  const [path = '', ...grant] = plain.split(' ');
  const variable = path.split('/').filter((part) => !constants.includes(part));
  const parts = [...(variable.length + grant.length > names.length ? [path] : variable), ...grant];
  if (parts.length > names.length) return undefined;
  const offset = names.length - parts.length;
  const key = template.replace(/\{([\w#]+)\}/g, (_, name: string) => {
    const index = names.indexOf(name) - offset;
    return index >= 0 ? (parts[index] ?? '') : text(provider, name);
  });
  const withName = (object: CloudObject) => object.values['email'] === parts.at(-1);
  return find(world, type, key) ?? world.list(type).find(withName);
}
