/**
 * Whether a push that changes files starts a workflow with a path filter: some file is matched by a pattern, and by no later one
 * with `!`.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function matchesPaths(patterns: readonly string[], files: readonly string[]): boolean {
  return files.some((file) =>
    patterns.reduce((matched, pattern) => {
      if (pattern.startsWith('!')) return matched && !toExpression(pattern.slice(1)).test(file);
      return matched || toExpression(pattern).test(file);
    }, false),
  );
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
