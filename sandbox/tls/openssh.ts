import { createHash, type KeyObject, randomBytes } from 'node:crypto';

/** Names of curves in OpenSSH. It knows no P-224. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'nistp256',
  secp384r1: 'nistp384',
  secp521r1: 'nistp521',
};

/** Bytes of a padded private key are a multiple of this. Source: PROTOCOL.key of OpenSSH, cipher none. */
const BLOCK = 8;

/** A public key as OpenSSH encodes it. Undefined for a curve that it does not know. Source: RFC 4253, RFC 5656, RFC 8709. */
export function publicBlob(key: KeyObject): Buffer | undefined {
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (key.asymmetricKeyType === 'ec' && !curve) return undefined;
  const { kty, n, e, x, y } = key.export({ format: 'jwk' });
  if (kty === 'RSA') return strings('ssh-rsa', number(e), number(n));
  if (kty === 'OKP') return strings('ssh-ed25519', decoded(x));
  return strings(`ecdsa-sha2-${curve}`, curve ?? '', Buffer.concat([Buffer.of(4), decoded(x), decoded(y)]));
}

/** A private key in the format of OpenSSH, unencrypted. Undefined for a curve that it does not know. */
export function privateKey(key: KeyObject, publicKey: Buffer | undefined): string | undefined {
  if (!publicKey) return undefined;
  const check = randomBytes(4);
  const plain = Buffer.concat([check, check, privateFields(key, publicKey), strings('')]);
  const padding = Buffer.from(
    Array.from({ length: (BLOCK - (plain.length % BLOCK)) % BLOCK }, (_, index) => index + 1),
  );
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    strings('none', 'none', ''),
    uint32(1),
    strings(publicKey, Buffer.concat([plain, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** Fingerprints of a public key, as `ssh-keygen -l` prints them. */
export function fingerprints(blob: Buffer): { readonly md5: string; readonly sha256: string } {
  const md5 = createHash('md5').update(blob).digest('hex');
  return {
    md5: (md5.match(/../g) ?? []).join(':'),
    sha256: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  };
}

/** What follows the checks in the private part. Source: PROTOCOL.key and PROTOCOL.agent of OpenSSH. */
function privateFields(key: KeyObject, publicKey: Buffer): Buffer {
  const { kty, n, e, d, p, q, qi, x } = key.export({ format: 'jwk' });
  if (kty === 'RSA') return strings('ssh-rsa', number(n), number(e), number(d), number(qi), number(p), number(q));
  if (kty === 'OKP') return strings('ssh-ed25519', decoded(x), Buffer.concat([decoded(d), decoded(x)]));
  return Buffer.concat([publicKey, strings(number(d))]);
}

function strings(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as Buffer);
      return [uint32(bytes.length), bytes];
    }),
  );
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function decoded(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}

/** A positive number: without leading zeros, but for one before a set sign bit. */
function number(text: string | undefined): Buffer {
  const bytes = decoded(text);
  const start = bytes.findIndex((byte) => byte !== 0);
  const plain = bytes.subarray(Math.max(0, start));
  return (plain[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), plain]) : plain;
}
