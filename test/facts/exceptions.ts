/** What a comparison is about. */
export type Kind = 'change' | 'default' | 'validator' | 'combination' | 'plan';

/**
 * Where the sandbox is not as the table says, and why. `*` at the end of an argument stands for whatever follows.
 * An exception that is not needed fails the test.
 */
export const EXCEPTIONS: readonly { readonly kind: Kind; readonly argument: string; readonly because: string }[] = [];
