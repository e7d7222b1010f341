import type { Decision, Effect } from './decide';

const VERDICTS: Readonly<Record<Effect, string>> = {
  allow: 'allowed',
  deny: 'denied',
  'needs-approval': 'needs approval',
};

/** A decision as text: the verdict, then each reason with its end and who may override it. */
export function explained(subject: string, { verdict, reasons }: Decision): string {
  const lines = reasons.flatMap(({ effect, what, why, until, override }) => [
    `  ${VERDICTS[effect]}: ${what}: ${why}`,
    `    until: ${until}`,
    ...(effect === 'allow' ? [] : [`    override: ${override}`]),
  ]);
  return [`${VERDICTS[verdict]}: ${subject}`, ...lines].join('\n');
}
