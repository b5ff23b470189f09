import path from "node:path";
import type { ErrorFinding, InstanceConfig } from "@airfleet/model";

/** An instance as a file or the environment defines it. */
export interface ConfiguredInstance {
  readonly config: InstanceConfig;
  /** The file, as people call it, or `environment`. */
  readonly source: string;
  /** `file:line:column` of its definition. */
  readonly place: string;
}

const isPem = (text: string): boolean => text.includes("-----BEGIN");

/** A path in a file is meant from that file's directory, wherever the process was started. */
export const anchorPaths = (config: InstanceConfig, directory: string): InstanceConfig => {
  const anchor = <Value>(value: Value): Value | { readonly file: string } =>
    typeof value === "object" && value !== null && "file" in value && typeof value.file === "string"
      ? { file: path.resolve(directory, value.file) }
      : value;
  const anchorAll = (record: object): object =>
    Object.fromEntries(Object.entries(record).map(([key, value]: [string, unknown]) => [key, anchor(value)]));
  const { auth } = config;
  const anchorPem = (text: string): string => (isPem(text) ? text : path.resolve(directory, text));
  const { ca, cert, key, insecure } = config.tls;
  return {
    ...config,
    auth: (auth.type === "exec" ? { ...auth, env: anchorAll(auth.env) } : anchorAll(auth)) as InstanceConfig["auth"],
    headers: anchorAll(config.headers) as InstanceConfig["headers"],
    tls: {
      insecure,
      ...(ca === undefined ? {} : { ca: anchorPem(ca) }),
      ...(cert === undefined ? {} : { cert: anchorPem(cert) }),
      ...(key === undefined ? {} : { key: typeof key === "string" ? anchorPem(key) : anchor(key) }),
    },
  };
};

/** What makes a valid URL a wrong base URL; undefined when it is right. */
export const urlMistake = (text: string): string | undefined => {
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "carries credentials: move them to the user name and password";
  if (url.search !== "" || url.hash !== "") return 'carries a "?" or "#": give the base URL of the web server alone';
  if (/\/api(\/v\d+|\/experimental)?\/*$/.test(url.pathname)) return "ends in the API's path: leave /api/… out";
  return undefined;
};

/** Finds what only shows across fields and instances: wrong base URLs, and ids that a file gives twice. */
export const checkInstances = (
  instances: readonly {
    readonly id: string;
    readonly url: string;
    readonly idPlace: string;
    readonly urlPlace: string;
  }[],
  names: { readonly id: string; readonly url: string },
): readonly ErrorFinding[] => {
  const seen = new Map<string, string>();
  return instances.flatMap(({ id, url, idPlace, urlPlace }) => {
    const findings: ErrorFinding[] = [];
    const mistake = url === "" ? undefined : urlMistake(url);
    if (mistake !== undefined) findings.push({ pointer: urlPlace, message: `"${names.url}" ${mistake}` });
    const first = seen.get(id.toLowerCase());
    if (first === undefined) seen.set(id.toLowerCase(), idPlace);
    else {
      const message = `"${names.id}" ${id} is taken at ${first} (ids are compared without case): choose another`;
      findings.push({ pointer: idPlace, message });
    }
    return findings;
  });
};

/** Airflow's paths are appended with their own slash. */
export const trimSlashes = (url: string): string => url.replace(/\/+$/, "");
