import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type ArgumentRule, type ProviderBehaviour, ProviderError } from '../protocol/behaviour';
import { isUnknown, type Values } from '../protocol/values';
import { fingerprints, privateKey, publicBlob } from './openssh';

/** Curves by the provider's names for them. */
const CURVES: Readonly<Record<string, string>> = {
  P224: 'secp224r1',
  P256: 'prime256v1',
  P384: 'secp384r1',
  P521: 'secp521r1',
};

/** The simulated tls provider: real keys. It makes no certificates. */
export function tlsProvider(): ProviderBehaviour {
  return {
    name: 'tls',
    source: 'hashicorp/tls',
    resources: [
      {
        type: 'tls_private_key',
        sensitive: ['private_key_pem', 'private_key_pem_pkcs8', 'private_key_openssh'],
        arguments: {
          algorithm: among('RSA', 'ECDSA', 'ED25519'),
          ecdsa_curve: among(...Object.keys(CURVES)),
          rsa_bits: 'replace',
        },
        plan: (planned) => ({
          ...planned,
          ...(isUnknown(planned['rsa_bits']) && { rsa_bits: 2048 }),
          ...(isUnknown(planned['ecdsa_curve']) && { ecdsa_curve: 'P224' }),
        }),
        async create(planned) {
          const values = { ...planned, ...privateTexts(generate(planned)) };
          return { key: String(values['id']), values };
        },
        read: async (_key, prior) => prior,
        update: async (_key, _prior, planned) => planned,
        delete: async () => {},
      },
    ],
    data: [
      {
        type: 'tls_public_key',
        sensitive: ['private_key_pem', 'private_key_openssh'],
        arguments: { private_key_pem: 'in-place', private_key_openssh: 'in-place' },
        async read(config) {
          const pem = config['private_key_pem'];
          if (typeof pem !== 'string') throw new ProviderError('the sandbox reads private_key_pem only: set it');
          const key = createPrivateKey(pem);
          return {
            ...config,
            ...publicTexts(key),
            algorithm: key.asymmetricKeyType?.toUpperCase().replace('EC', 'ECDSA') ?? '',
          };
        },
      },
    ],
  };
}

function generate({ algorithm, rsa_bits: bits, ecdsa_curve: curve }: Values): KeyObject {
  if (algorithm === 'RSA') return generateKeyPairSync('rsa', { modulusLength: Number(bits) }).privateKey;
  if (algorithm === 'ED25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: CURVES[String(curve)] ?? '' }).privateKey;
}

function privateTexts(key: KeyObject): Values {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
  const pkcs8 = String(key.export({ type: 'pkcs8', format: 'pem' }));
  return {
    ...publicTexts(key),
    private_key_pem: String(key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' })),
    private_key_pem_pkcs8: pkcs8,
    private_key_openssh: privateKey(key, publicBlob(createPublicKey(key))) ?? '',
  };
}

function publicTexts(key: KeyObject): Values {
  const publicKey = createPublicKey(key);
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const blob = publicBlob(publicKey);
  const prints = blob && fingerprints(blob);
  const kind = blob?.subarray(4, 4 + blob.readUInt32BE()).toString();
  return {
    id: fingerprints(Buffer.from(pem)).md5.replaceAll(':', ''),
    public_key_pem: pem,
    public_key_openssh: blob ? `${kind} ${blob.toString('base64')}\n` : '',
    public_key_fingerprint_md5: prints?.md5 ?? '',
    public_key_fingerprint_sha256: prints?.sha256 ?? '',
  };
}

function among(...allowed: string[]): ArgumentRule {
  const check: ArgumentRule['check'] = (value) =>
    typeof value === 'string' && !allowed.includes(value)
      ? `value must be one of: ${allowed.map((one) => `"${one}"`).join(', ')}, got "${value}"`
      : undefined;
  return { change: 'replace', check };
}
