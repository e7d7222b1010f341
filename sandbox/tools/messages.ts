import type { CheckName } from '../protocol/checks';
import type { CheckFact } from '../protocol/schema/argument-facts';

/** Patterns that a message only speaks of. Source: the providers' code, as named by their messages. */
const DESCRIBED: readonly (readonly [message: RegExp, pattern: string])[] = [
  [/^invalid value "?VALUE"? for ARG \(IAM members must have/, '.+:.+|allUsers|allAuthenticatedUsers'],
  [/domain like serviceusage\.googleapis\.com/, '\\.'],
  [/must be in the format HH:00/, '^([0-1][0-9]|2[0-3]):00$'],
  [/^"ARG" \("VALUE"\) doesn't end with "\."/, '\\.$'],
  [/a lowercase RFC 1123 label/, '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'],
  [/a lowercase RFC 1123 subdomain/, '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'],
  [/^invalid value for name \(/, '^[-a-zA-Z0-9_.]{1,100}$'],
  [/^invalid value for topics \(/, '^[a-z0-9][a-z0-9-]{0,49}$'],
  [/secret names can only contain/, '^[a-zA-Z_][a-zA-Z0-9_]*$'],
  [/is an invalid value for argument/, '^(legacy|workflow)$'],
  [/contains an invalid JSON/, '^\\s*[[{"]'],
  [/expecting valid base64 encoded key/, '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'],
  [/^ARG is not a valid integer$/, '^-?\\d+$'],
  [
    /should be an valid Cron expression/,
    '^(@(yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)|(\\S+\\s+){4}\\S+)$',
  ],
];

/** Messages of validators, with what their parameters are. */
const MESSAGES: readonly (readonly [
  message: RegExp,
  check: CheckName,
  of?: (found: string[]) => (string | number)[],
])[] = [
  [
    /^expected (\S+) to be one of \[(.*)\], got/,
    'oneOf',
    ([, list = '']) => list.match(/"[^"]*"/g)?.map(unquote) ?? [],
  ],
  [
    /^expected (\S+) to be in the range \((-?\d+) - (-?\d+)\)/,
    'between',
    ([, low, high]) => [Number(low), Number(high)],
  ],
  [
    /^expected (\S+) to be in the range \((-?\d+\.\d{6}) - (-?\d+\.\d{6})\)/,
    'betweenFractions',
    ([, low, high]) => [Number(low), Number(high)],
  ],
  [/^expected (\S+) to be at least \((-?\d+\.\d{6})\)/, 'atLeastFraction', ([, low]) => [Number(low)]],
  [/^expected (\S+) to be at least \((-?\d+)\)/, 'atLeast', ([, low]) => [Number(low)]],
  [/^"(ARG)" \(.*\) doesn't match regexp (".*")$/s, 'matches', ([, pattern = '']) => [unquote(pattern)]],
  [/^"(ARG)" \(.*\) must match regex (".*")$/s, 'mustMatch', ([, pattern = '']) => [unquote(pattern)]],
  [/^expected value of (ARG) to match regular expression (".*"), got/, 'likeExpression', ([, p = '']) => [unquote(p)]],
  [/^could not decode "(ARG)" as a valid base64 value/, 'base64'],
  [/^expected "(\S+)" to be a base64 string/, 'base64String'],
  [/^"(ARG)" is not a valid IP CIDR range/, 'ipCidrRange'],
  [/^expected "(ARG)" to be a valid CIDR Value/, 'cidr'],
  [/^expected (ARG) to contain a valid IP/, 'ip'],
  [/^expected "(ARG)" to be a RFC6996-compliant Local ASN/, 'asn'],
  [/^"(ARG)" must contain only lowercase letters \(a-z\), numbers \(0-9\), or dashes/, 'poolId'],
  [/^expected "(ARG)" to be a valid port number, got/, 'port'],
  [/^expected "(ARG)" to be a valid port number or 0, got/, 'portOrZero'],
  [/^(ARG) must be between 1 and 65535, inclusive$/, 'portNumber'],
  [/^(ARG) must contain only alpha-numeric characters/, 'portName'],
  [/^(ARG) must be greater than 0$/, 'positive'],
  [/^(ARG) must be greater than or equal to (\d+)$/, 'notBelow', ([, low]) => [Number(low)]],
  [/^(ARG): value .* should start with '0' \(octal numeral\)$/s, 'leadingZero'],
  [/^(ARG) :Cannot parse octal numeral/, 'octal'],
  [/^(ARG): cannot parse '.*' as int or percent/s, 'integerOrPercent'],
  [/^(ARG): cannot parse '.*' as int/s, 'integer'],
  [/^(ARG)\..* : quantities must match/s, 'quantity'],
];

/** The wrong values that the tables were created with. */
const WRONG = new RegExp(
  `${String.fromCharCode(1)} wrong !|\\\\x01 wrong !|-987654320999999995904\\.000000|-987654321`,
  'g',
);

/** The validator that says this of a wrong value. @throws Error on a message that no validator is known for */
export function checkOf(message: string, path: string): CheckFact {
  const said = message.replace(WRONG, 'VALUE');
  const pattern = DESCRIBED.find(([about]) => about.test(said))?.[1];
  if (pattern) return { check: 'described', of: [pattern, said] };
  for (const [about, check, parameters] of MESSAGES) {
    const found = about.exec(said);
    if (!found) continue;
    const [, as = '', ...rest] = found;
    const of = parameters?.([as, ...rest]);
    return { check, ...(of && { of }), ...(as !== 'ARG' && as !== path && { as }) };
  }
  throw new Error(`no validator is known that says ${JSON.stringify(message)}; teach sandbox/tools/messages.ts`);
}

function unquote(quoted: string): string {
  return JSON.parse(quoted) as string;
}
