export { temporaryFolder } from '../../sandbox/test/helpers/folder';

import { App, TerraformStack } from 'cdktf';
import { invokeAspects } from 'cdktf/lib/synthesize/synthesizer';

/** Synthesised JSON, as far as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: a test that looks for a missing key fails by itself
export type Json = any;

/** What constructs synthesise to, in a stack of their own. */
export function synthScope(folder: string, make: (scope: TerraformStack) => void): Json {
  const stack = new TerraformStack(new App({ outdir: folder }), 'test');
  make(stack);
  stack.prepareStack();
  return terraformOf(stack);
}

/** What a stack synthesises to, its aspects included. */
export function terraformOf(stack: TerraformStack): Json {
  invokeAspects(stack);
  return stack.toTerraform();
}
