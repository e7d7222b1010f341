import { z } from 'zod';
import { ARGOCD_NAMESPACE } from '../../contracts/k8s';

/** Words that YAML 1.1 does not read as a string. Source: https://yaml.org/type/bool.html and null.html */
const YAML_WORDS = ['true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', 'null'];

/** A name that becomes part of names in Google Cloud, Kubernetes and Git: a DNS label of at most 63 characters. */
export const noun = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'use lowercase letters, digits and single hyphens, beginning with a letter')
  .max(63, 'use at most 63 characters, as Kubernetes allows')
  .refine((name) => !YAML_WORDS.includes(name), 'choose another name: YAML 1.1 does not read this one as a string');

/** Namespaces that belong to Kubernetes or to the platform's own layers. */
const RESERVED_NAMESPACES = [ARGOCD_NAMESPACE, 'external-secrets-system', 'local-path-storage'];

/** A namespace for an application. `default` is allowed. */
export const namespaceName = noun
  .refine((name) => !name.startsWith('kube-'), 'choose another name: Kubernetes reserves those that begin with "kube-"')
  .refine((name) => !RESERVED_NAMESPACES.includes(name), 'choose another name: a layer creates this namespace');

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

/** A TCP port that an ordinary user may listen on. Source: https://man7.org/linux/man-pages/man7/ip.7.html */
export const unprivilegedPort = z.int().min(1024).max(65_535);

/** URL of a remote Git repository, without credentials: it is written to states, manifests and logs. */
export const gitUrl = z
  .string()
  .regex(
    /^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w.~-]+)+\.git$/i,
    'give an address without credentials, such as "https://github.com/owner/name.git"',
  )
  .max(255, 'use at most 255 characters');

/** The public half of an SSH key, without its comment. Source: https://www.rfc-editor.org/rfc/rfc4253#section-6.6 */
export const publicKey = z
  .string()
  .regex(
    /^(ssh-ed25519|ecdsa-sha2-nistp\d{3}|ssh-rsa) [A-Za-z0-9+/]{40,}={0,2}$/,
    'give the public half of an SSH key without its comment, such as "ssh-ed25519 AAAA..."',
  )
  .max(1000, 'use at most 1000 characters');

/** A Git branch. Source: https://git-scm.com/docs/git-check-ref-format */
export const branchName = z
  .string()
  .regex(
    /^(?![-/.])(?!.*(\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$))[\w./+-]+$/,
    'give a branch name that git accepts, such as "main" or "release/1.2"',
  )
  .max(244, 'use at most 244 characters, the longest name that fits into a file');

/** A path inside a repository; `<env>` in it is replaced by the name of the environment. */
export const repositoryPath = z
  .string()
  .regex(
    /^(?![/-])(?!.*(^|\/)\.{0,2}(\/|$))([\w./-]|<env>)+$/,
    'give a path inside the repository, such as "k8s/overlays/<env>", without a slash at either end',
  )
  .max(255, 'use at most 255 characters');
