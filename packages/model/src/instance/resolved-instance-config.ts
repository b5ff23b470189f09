import type { DeployConfig } from "../deployments/deploy-config.ts";
import type { InstanceAuth, InstanceConfig, InstanceTls } from "./instance-config.ts";
import type { SecretReference } from "./secret-reference.ts";

/** The same shape with every secret reference replaced by the secret's text. */
type Resolved<Value> = SecretReference extends Value
  ? string | Extract<Value, undefined>
  : Value extends string
    ? Value
    : Value extends object
      ? { [Key in keyof Value]: Resolved<Value[Key]> }
      : Value;

/** An instance as its engine gets it: complete, checked, and with the secrets themselves. Never log or store it. */
export type ResolvedInstanceConfig = Resolved<InstanceConfig>;
export type ResolvedInstanceAuth = Resolved<InstanceAuth>;
export type ResolvedInstanceTls = Resolved<InstanceTls>;
export type ResolvedDeployConfig = Resolved<DeployConfig>;

/** Gives the text that `{env}` or `{file}` stands for. @throws SECRET_UNAVAILABLE */
export type ReadSecret = (reference: Exclude<SecretReference, string>) => string;

/**
 * Replaces every secret reference by its text. Pure but for `readSecret`, which is the caller's way to the environment
 * and to files.
 */
export const resolveInstanceConfig = (config: InstanceConfig, readSecret: ReadSecret): ResolvedInstanceConfig => {
  const read = (reference: SecretReference): string =>
    typeof reference === "string" ? reference : readSecret(reference);
  const readAll = (references: Readonly<Record<string, SecretReference>>): Record<string, string> =>
    Object.fromEntries(Object.entries(references).map(([name, reference]) => [name, read(reference)]));
  const { key, ...tls } = config.tls;
  const { deploy, ...rest } = config;
  return {
    ...rest,
    ...(deploy === undefined ? {} : { deploy: resolveDeploy(deploy, read) }),
    auth: resolveAuth(config.auth, read, readAll),
    headers: readAll(config.headers),
    tls: key === undefined ? tls : { ...tls, key: read(key) },
  };
};

const resolveAuth = (
  auth: InstanceAuth,
  read: (reference: SecretReference) => string,
  readAll: (references: Readonly<Record<string, SecretReference>>) => Record<string, string>,
): ResolvedInstanceAuth => {
  switch (auth.type) {
    case "none":
      return auth;
    case "basic":
    case "login":
      return { ...auth, username: read(auth.username), password: read(auth.password) };
    case "bearer":
      return { ...auth, token: read(auth.token) };
    case "exec":
      return { ...auth, env: readAll(auth.env) };
    case "jwt":
      return { ...auth, key: read(auth.key) };
    case "mwaa": {
      const { access_key_id, secret_access_key, session_token, ...place } = auth;
      return {
        ...place,
        ...(access_key_id === undefined ? {} : { access_key_id: read(access_key_id) }),
        ...(secret_access_key === undefined ? {} : { secret_access_key: read(secret_access_key) }),
        ...(session_token === undefined ? {} : { session_token: read(session_token) }),
      };
    }
    default:
      return auth satisfies never;
  }
};

/** Secrets of a target, each where it was. */
const resolveDeploy = (deploy: DeployConfig, read: (reference: SecretReference) => string): ResolvedDeployConfig => {
  const all = <Name extends string>(given: Readonly<Partial<Record<Name, SecretReference | undefined>>>) =>
    Object.fromEntries(
      Object.entries<SecretReference | undefined>(given).flatMap(([name, reference]) =>
        reference === undefined ? [] : [[name, read(reference)]],
      ),
    ) as Partial<Record<Name, string>>;
  switch (deploy.type) {
    case "folder":
      return deploy;
    case "s3": {
      const { access_key_id, secret_access_key, session_token, ...place } = deploy;
      return { ...place, ...all({ access_key_id, secret_access_key, session_token }) };
    }
    case "git": {
      const { username, password, ssh_key, ...place } = deploy;
      return { ...place, ...all({ username, password, ssh_key }) };
    }
    default:
      return deploy satisfies never;
  }
};
