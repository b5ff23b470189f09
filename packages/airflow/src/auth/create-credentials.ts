import {
  basicHeader,
  bearerHeader,
  type Clock,
  createExecCredentials,
  createFixedCredentials,
  type Credentials,
  type InstancePlace,
  placedError,
  type Transport,
} from "@airfleet/http";
import type { ResolvedInstanceAuth } from "@airfleet/model";
import type { Generation } from "../airflow-version.ts";
import { createLoginCredentials } from "./login.ts";
import { createSignedCredentials } from "./signed-credentials.ts";

/** Where Airflow 3 logs in, for instances configured with user and password only. */
const LOGIN_PATH = "/auth/token";

export interface CredentialsOptions {
  readonly auth: ResolvedInstanceAuth;
  /** Null while it is being found out: then nothing is sent that would need to know it. */
  readonly generation: Generation | null;
  readonly place: InstancePlace;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * How this instance is told who we are. `basic` becomes a login on Airflow 3, which knows no Basic header: one
 * `clients.json` with users and passwords serves both generations. `login` becomes Basic on Airflow 2 for the same reason.
 */
export const createCredentials = (options: CredentialsOptions): Credentials => {
  const { auth, generation, place, clock } = options;
  switch (auth.type) {
    case "none":
    case "mwaa":
      return createFixedCredentials({});
    case "bearer":
      return createFixedCredentials(bearerHeader(auth.token));
    case "exec":
      return createExecCredentials(place, auth, clock);
    case "jwt":
      // Its key is looked at even before the generation is known, so that a wrong one is told at once.
      return forGeneration(generation, createSignedCredentials({ auth, place, clock }), place);
    case "basic":
    case "login": {
      if (generation === null) return createFixedCredentials({});
      if (generation === 2) return createFixedCredentials(basicHeader(auth.username, auth.password));
      const loginPath = auth.type === "login" ? auth.path : LOGIN_PATH;
      return createLoginCredentials({ ...options, username: auth.username, password: auth.password, loginPath });
    }
    default:
      return auth satisfies never;
  }
};

/** Signed calls are Airflow 2's. Without a generation nothing is asked for that needs credentials. */
const forGeneration = (generation: Generation | null, signed: Credentials, place: InstancePlace): Credentials => {
  if (generation === 2) return signed;
  if (generation === null) return createFixedCredentials({});
  return {
    headers: () => Promise.reject(placedError(place, "INSTANCE_SIGNING_UNSUPPORTED", {})),
    renew: () => false,
  };
};
