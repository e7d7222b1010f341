import type { Json } from '../json';
import { type Check, nameOf } from './problem';

/** Objects of an environment are unique: otherwise the last one applied would win. */
export const unique: Check = (objects) => {
  const idOf = (object: Json) => `${object.apiVersion} ${nameOf(object)}`;
  return objects
    .filter((object, index) => objects.findIndex((one) => idOf(one) === idOf(object)) !== index)
    .map((object) => ({ object, path: 'metadata.name', wrong: 'the object exists twice', fix: 'remove one of them' }));
};
