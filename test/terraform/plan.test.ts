import { type ResourceChange, summarise } from '../../terraform/plan';

function change(address: string, ...actions: ResourceChange['change']['actions'][number][]): ResourceChange {
  return { address, type: 'google_compute_disk', mode: 'managed', change: { actions } };
}

test('a plan without changes is empty', () => {
  expect(summarise({})).toMatchObject({ added: 0, changed: 0, destroyed: 0, empty: true });
  expect(
    summarise({ resource_changes: [change('a', 'no-op')], output_changes: { o: { actions: ['no-op'] } } }).empty,
  ).toBe(true);
});

test('a replacement is one added and one destroyed, and is named', () => {
  const plan = summarise({
    resource_changes: [change('a', 'delete', 'create'), change('b', 'create', 'delete'), change('c', 'update')],
  });
  expect(plan).toMatchObject({ added: 2, changed: 1, destroyed: 2, replaced: ['a', 'b'], empty: false });
});

test('what leaves the state is forgotten, not destroyed', () => {
  expect(summarise({ resource_changes: [change('old', 'forget')] })).toMatchObject({
    destroyed: 0,
    forgotten: ['old'],
    empty: false,
  });
});

test('an output that changes is a change', () => {
  expect(summarise({ output_changes: { vm_id: { actions: ['update'] } } }).empty).toBe(false);
});

test('reading a data source is none', () => {
  expect(summarise({ resource_changes: [{ ...change('data.x', 'read'), mode: 'data' }] }).empty).toBe(true);
});

test('an import is a change even when nothing else is', () => {
  const imported: ResourceChange = {
    ...change('bucket', 'no-op'),
    change: { actions: ['no-op'], importing: { id: 'b' } },
  };
  expect(summarise({ resource_changes: [imported] }).empty).toBe(false);
});
