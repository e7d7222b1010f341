const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity as a number in its base unit (bytes, cores): `128Mi`, `250m`, `2`. NaN for what is none. */
export function parseQuantity(quantity: unknown): number {
  const [, number, suffix = ''] = /^([+-]?[\d.]+(?:e\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (FACTORS[suffix] ?? Number.NaN);
}
