import { googleName, namesOf } from '../../../platforms/schema/names';

test('the names of an environment are the ones that its operators know', () => {
  const names = namesOf('threads', 'prod');
  expect(names.vm).toBe('threads-prod-vm');
  expect(names.bootDisk(3)).toBe('threads-prod-vm-boot-g3');
  expect(names.secret('postgres-password')).toBe('threads-prod-postgres-password');
  expect(names.bucket('some-project', 'backups')).toBe('some-project-threads-prod-backups');
  expect(names.kubeconfig).toBe('~/.kube/strata/threads-prod.yaml');
});

test('63 characters are the most that Google allows', () => {
  expect(googleName(['a'.repeat(61), 'b'])).toHaveLength(63);
  expect(() => googleName(['a'.repeat(62), 'b'])).toThrow(
    `name "${'a'.repeat(62)}-b" has 64 characters, Google allows 63; shorten the platform's or the environment's name`,
  );
});

test.each(['9lives', 'Threads', 'threads-', 'a_b', '-a'])('%s is not a name that Google allows', (name) => {
  expect(() => googleName([name])).toThrow(
    `name "${name}" is not one that Google allows; use lowercase letters, digits and hyphens, beginning with a letter and not ending with a hyphen`,
  );
});
