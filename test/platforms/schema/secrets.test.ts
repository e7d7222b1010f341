import fc from 'fast-check';
import { problemOfValue } from '../../../platforms/schema/secrets';

test.each(['@', '/', '#', '%', ':', '?', ' ', '+', '$', '\n', 'é'])(
  'a password with %j is refused, and not repeated',
  (bad) => {
    const problem = problemOfValue('postgres-password', `hunter${bad}2`);
    expect(problem).toContain('the value of "postgres-password" is empty or has a character other than');
    expect(problem).not.toContain('hunter');
  },
);

test('an empty password is refused', () => {
  expect(problemOfValue('postgres-password', '')).toBeDefined();
});

test('a password that is taken means itself in a URL', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (password) => {
      fc.pre(problemOfValue('db-password', password) === undefined);
      const url = new URL(`postgresql://user:${password}@postgres:5432/db`);
      return url.password === password && url.hostname === 'postgres';
    }),
  );
});

test.each(['git-deploy-key', 'tunnel-token', 'object-storage-secret-access-key'])('%s may be anything', (secret) => {
  expect(problemOfValue(secret, 'a/b+c=\nd@e')).toBeUndefined();
});
