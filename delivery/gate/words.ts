import type { Decision, Effect } from './decide';

const VERDICTS: Readonly<Record<Effect, string>> = {
  allow: 'allowed',
  deny: 'denied',
  'needs-approval': 'needs approval',
};

/** A decision for people: the verdict, then what each reason says, until when it holds and who may override it. */
export function explained(subject: string, { verdict, reasons }: Decision): string {
  const lines = reasons.flatMap(({ effect, what, why, until, override }) => [
    `  ${VERDICTS[effect]}: ${what}: ${why}`,
    `    until: ${until}`,
    ...(effect === 'allow' ? [] : [`    override: ${override}`]),
  ]);
  return [`${VERDICTS[verdict]}: ${subject}`, ...lines].join('\n');
}
