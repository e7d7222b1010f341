import { fieldOf } from '../../json';
import type { KubernetesObject } from '../../world';
import { matchesSelectorText } from '../api-server/labels';

/** Whether a request's labelSelector and fieldSelector take an object. */
export function selects(query: URLSearchParams, object: KubernetesObject): boolean {
  const labels = query.get('labelSelector');
  if (labels && !matchesSelectorText(labels, object.metadata.labels)) return false;
  return (query.get('fieldSelector') ?? '')
    .split(',')
    .filter(Boolean)
    .every((term) => {
      const [, path = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
      const field = path.split('.').reduce<unknown>(fieldOf, object);
      return (String(field ?? '') === value) === (operator !== '!=');
    });
}
